/** The allow-list as browsers would print its entries; throws on one that is no origin. */
export function originSet(origins: readonly string[]): ReadonlySet<string> {
	return new Set(
		origins.map((text) => {
			const { origin } = new URL(text);
			if (origin === "null") throw new TypeError(`Not an origin: ${text}`);
			return origin;
		}),
	);
}

/** Browsers always send an origin, as they print it; a client without one is a server, and needs a token anyway. */
export const isAllowed = (
	origin: string | undefined,
	origins: ReadonlySet<string>,
): boolean => origin === undefined || origins.has(origin);
