/** `JSON.rawJSON` is newer than the type library. */
const { rawJSON } = JSON as unknown as {
	readonly rawJSON: (text: string) => unknown;
};

const keepMinusZero = (_key: string, value: unknown): unknown =>
	Object.is(value, -0) ? rawJSON("-0") : value;

/** JSON text that parses to exactly `value`: plain `JSON.stringify` would turn -0 into 0. */
export const exactJson = (value: unknown): string =>
	JSON.stringify(value, keepMinusZero);
