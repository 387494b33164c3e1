import type { Rate } from "../token-bucket.ts";

/** One of a bounded number of places under a name. */
export interface BoundedPlace {
	readonly name: string;
	readonly limit: number;
}

/**
 * Bounds on people and addresses that hold over all nodes together. No call rejects: what cannot be known now keeps
 * nobody out, and the bounds of each node hold all the same.
 */
export interface Quota {
	/**
	 * Takes a token from the bucket of that name, which is full at first.
	 * @returns milliseconds to wait when there is none, else 0
	 */
	charge(name: string, rate: Rate): Promise<number>;
	/**
	 * Takes all of the places, or none. A node that is gone has given its places back.
	 * @returns the name that has no place left; undefined: they are taken
	 */
	take(places: readonly BoundedPlace[]): Promise<string | undefined>;
	/** Gives places back that `take` has taken here. */
	give(names: readonly string[]): void;
}
