export interface RecentDocument {
	readonly id: string;
	readonly title: string;
}

const KEY = "prdtool.recent";
const KEPT = 8;

/** Documents opened in this browser, newest first. */
export function recentDocuments(): readonly RecentDocument[] {
	try {
		const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
		return Array.isArray(stored) ? (stored as RecentDocument[]) : [];
	} catch {
		return [];
	}
}

export function rememberDocument(opened: RecentDocument): void {
	const others = recentDocuments().filter(({ id }) => id !== opened.id);
	const recent = [opened, ...others].slice(0, KEPT);
	localStorage.setItem(KEY, JSON.stringify(recent));
}
