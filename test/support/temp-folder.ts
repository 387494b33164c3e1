import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const createTempFolder = (name: string): string =>
	mkdtempSync(join(tmpdir(), `prdtool-${name}-`));

export const removeTempFolder = (path: string): void =>
	rmSync(path, { recursive: true, force: true });
