/** TypeScript types out of fastest-validator schemas, so that a payload is described once. */

interface Base {
	string: string;
	number: number;
	boolean: boolean;
	any: unknown;
	custom: unknown;
	forbidden: undefined;
}

type Name<S extends string> = S extends `${infer B}|${string}` ? B : S;
type Short<S extends string> =
	Name<S> extends `${infer B}[]`
		? B extends keyof Base
			? Base[B][]
			: unknown[]
		: Name<S> extends keyof Base
			? Base[Name<S>]
			: Name<S> extends "object"
				? Record<string, unknown>
				: Name<S> extends "array"
					? unknown[]
					: unknown;

/** A rule whose checked value has a narrower type than its `type` says (branded ids, records). */
export interface Typed<T> {
	readonly type: string;
	/** Never set: carries `T` to `InferParams`. */
	readonly checkedAs: T;
}

/** Names the type that a rule's custom check guarantees. */
export const typed = <T>(rule: { readonly type: string }): Typed<T> =>
	rule as Typed<T>;

type Rule<R> = R extends { readonly checkedAs: infer T }
	? T
	: R extends string
		? Short<R>
		: R extends readonly (infer U)[]
			? Rule<U>
			: R extends {
						readonly type: "enum";
						readonly values: readonly (infer V)[];
					}
				? V
				: R extends { readonly type: "equal"; readonly value: infer V }
					? V
					: R extends { readonly type: "array"; readonly items: infer I }
						? Rule<I>[]
						: R extends { readonly type: "object"; readonly props: infer P }
							? InferParams<P>
							: R extends { readonly type: infer T extends string }
								? Short<T>
								: unknown;

type Nullable<R, T> = R extends { readonly nullable: true } ? T | null : T;
type IsOptional<R> = R extends string
	? R extends `${string}optional${string}`
		? true
		: false
	: R extends { readonly optional: true }
		? true
		: false;
type Simplify<T> = { [K in keyof T]: T[K] } & {};
type Keys<P, Optional extends boolean> = {
	[K in keyof P]: K extends `$$${string}`
		? never
		: IsOptional<P[K]> extends Optional
			? K
			: never;
}[keyof P];

/** The type of a payload that has passed its schema. */
export type InferParams<P> = Simplify<
	{ readonly [K in Keys<P, false>]: Nullable<P[K], Rule<P[K]>> } & {
		readonly [K in Keys<P, true>]?: Nullable<P[K], Rule<P[K]>>;
	}
>;

/** A type of which nothing may be changed, to its leaves. */
export type Frozen<T> = T extends string
	? T
	: T extends readonly (infer U)[]
		? readonly Frozen<U>[]
		: T extends object
			? { readonly [K in keyof T]: Frozen<T[K]> }
			: T;
