const FIRST =
	"amber brave bright calm clear clever coral crisp deep early fair fresh gentle golden green happy keen kind light lucky mellow noble open plain proud quick quiet rapid ready round sharp silver simple smooth solid spring steady sunny swift warm".split(
		" ",
	);
const SECOND =
	"anchor atlas beacon birch bridge brook canvas cedar cloud comet compass coast delta ember falcon field forest garden harbor island lake lantern maple meadow mesa orbit otter path pebble pine prairie river sail signal spark stone summit tide valley willow".split(
		" ",
	);
const TAIL = "23456789abcdefghjkmnpqrstuvwxyz";

/** A new document's id that people can read out: `payments-relaunch-x7k2m`, or `calm-harbor-x7k2m` without a title. */
export function newDocumentId(title = ""): string {
	const dice = crypto.getRandomValues(new Uint32Array(7));
	const pick = (from: ArrayLike<string>, nth: number) =>
		from[(dice[nth] ?? 0) % from.length] ?? "";
	const tail = [2, 3, 4, 5, 6].map((nth) => pick(TAIL, nth)).join("");
	const name = slug(title) || `${pick(FIRST, 0)}-${pick(SECOND, 1)}`;
	return `${name}-${tail}`;
}

const slug = (title: string): string =>
	title
		.normalize("NFKD")
		.toLowerCase()
		.replace(/\p{M}+/gu, "")
		.replace(/[^a-z0-9]+/g, "-")
		.replace(/^-+|-+$/g, "")
		.slice(0, 48)
		.replace(/-+$/, "");

/** The id in what somebody typed or pasted: an id, or a document's whole address. */
export const documentIdIn = (text: string): string =>
	decodeURIComponent(/\/d\/([^/?#\s]+)/.exec(text)?.[1] ?? text.trim());

export const documentPath = (id: string): string =>
	`/d/${encodeURIComponent(id)}`;

/** A title for people: what the document was named, else its first heading, else its id. */
export function titleFor(id: string, title: string, text: string): string {
	if (title !== "" && title !== id) return title;
	const heading = /^#{1,6}[ \t]+(\S.*)$/m.exec(text.slice(0, 2_000))?.[1];
	return heading?.replace(/[\s#]+$/, "").slice(0, 120) || id;
}

const TITLE_KEY = "prdtool.title.";

/** A title on its way from the home page to the document that it is for. */
export const keepTitle = (id: string, title: string): void =>
	sessionStorage.setItem(TITLE_KEY + id, title);

export function takeTitle(id: string): string {
	const title = sessionStorage.getItem(TITLE_KEY + id) ?? "";
	sessionStorage.removeItem(TITLE_KEY + id);
	return title;
}
