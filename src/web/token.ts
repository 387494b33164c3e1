const KEY = "prdtool.token";

/** A token that came in the address (`#token=…`) or was pasted, for this tab only. */
export function givenToken(): string | undefined {
	const fromAddress = new URLSearchParams(location.hash.slice(1)).get("token");
	if (fromAddress !== null) {
		// Out of the address before anybody copies it.
		history.replaceState(null, "", location.pathname + location.search);
		keepToken(fromAddress);
	}
	return sessionStorage.getItem(KEY) ?? undefined;
}

export const keepToken = (token: string): void =>
	sessionStorage.setItem(KEY, token.trim());

export const forgetToken = (): void => sessionStorage.removeItem(KEY);

/** Whom a token names, for display only: nothing is verified here. */
export function nameIn(token: string): string {
	try {
		const part = token.split(".")[1] ?? "";
		const bytes = atob(part.replaceAll("-", "+").replaceAll("_", "/"));
		const json = new TextDecoder().decode(
			Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)),
		);
		const { name, sub } = JSON.parse(json) as { name?: unknown; sub?: unknown };
		return String(name ?? sub ?? "");
	} catch {
		return "";
	}
}
