/** A driver's own code of a failure, such as `SQLITE_FULL` or `40P01`; "" when it has none. Asks for no class: drivers load theirs where they like. */
export const codeOf = (error: unknown): string =>
	typeof error === "object" && error !== null && "code" in error
		? String(error.code)
		: "";
