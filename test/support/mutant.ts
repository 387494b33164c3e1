import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createTempFolder, removeTempFolder } from "./temp-folder.ts";

/** A deliberate bug. */
export interface Mutation {
	readonly file: string;
	readonly from: string;
	readonly to: string;
}

/** A copy of the product with bugs put in, to see that a check finds them. @returns where it is, and how it goes */
export function createMutant(mutations: readonly Mutation[]): {
	readonly root: string;
	readonly remove: () => void;
} {
	const root = createTempFolder("mutant");
	for (const part of ["services", "src", "moleculer.config.ts", "package.json"])
		cpSync(part, join(root, part), { recursive: true });
	for (const part of ["node_modules", "dist"])
		symlinkSync(resolve(part), join(root, part));
	for (const { file, from, to } of mutations) {
		const path = join(root, file);
		const text = readFileSync(path, "utf8");
		if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
		writeFileSync(path, text.replace(from, to));
	}
	return { root, remove: () => removeTempFolder(root) };
}
