/** Ids, codes, sizes: never text of documents, never tokens. */
export type LogFields = Readonly<Record<string, unknown>>;

/** One line per event, written where it was handled. */
export interface Logger {
	info(fields: LogFields, message: string): void;
	warn(fields: LogFields, message: string): void;
	error(fields: LogFields, message: string): void;
}

export const SILENT: Logger = {
	info: () => {},
	warn: () => {},
	error: () => {},
};
