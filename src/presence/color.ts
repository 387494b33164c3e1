import type { UserId } from "../shared/ids.ts";

/** Readable on white (contrast of at least 4.5:1) and apart from each other. */
const COLORS = [
	"#8B5CF6",
	"#2563EB",
	"#0E7490",
	"#047857",
	"#4D7C0F",
	"#A16207",
	"#C2410C",
	"#DC2626",
	"#BE185D",
	"#A21CAF",
	"#4338CA",
	"#0F766E",
];

/** A person's color: the same in every document and after every restart. */
export function colorOf(userId: UserId): string {
	let hash = 0x811c9dc5;
	for (let i = 0; i < userId.length; i++)
		hash = Math.imul(hash ^ userId.charCodeAt(i), 0x01000193);
	// Similar ids differ in few bits: all of them must count for the rest of the division.
	hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
	hash = (hash ^ (hash >>> 16)) >>> 0;
	return COLORS[hash % COLORS.length] ?? "#8B5CF6";
}
