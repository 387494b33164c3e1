/** An error in one line: what has failed, and what the machine said about it. */
export function reasonOf({ message, cause }: Error): string {
	const { message: said = "", code = "" } = (cause ?? {}) as {
		readonly message?: string;
		readonly code?: string;
	};
	const why = said === "" ? code : said;
	const text =
		why === "" || message.includes(": ") ? message : `${message}: ${why}`;
	return text.replace(/\s*\n\s*/g, " ");
}
