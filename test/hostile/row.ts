import type { ErrorCode } from "../../src/protocol/errors.ts";
import type { UpgradeLines } from "../support/bytes.ts";
import { type Product, tokenFor } from "../support/product.ts";
import type { Transcript } from "./wire.ts";

/** Stands in everything that a row sends where a careless server would repeat or log it. */
export const MARK = "hunter2";

/** Which product a row is played against: without rate limits, with them, or in production with `APP_ORIGIN` allowed. */
export type Setting = "plain" | "limited" | "production";
export const APP_ORIGIN = "https://app.example.com";

/** Somebody new, at a product's doors. */
export interface Visit {
	readonly product: Product;
	readonly port: number;
	readonly token: string;
	/** What must appear in no answer and in no log line. */
	readonly secrets: string[];
}

let visitors = 0;

export function visit(product: Product): Visit {
	visitors += 1;
	const token = tokenFor(`stranger_${visitors}`);
	const [, claims = "", signature = ""] = token.split(".");
	const secrets = [MARK, claims, signature];
	return { product, port: product.port, token, secrets };
}

/** The one answer that a row gets. */
export type Expected =
	/** HTTP. */
	| {
			readonly status: number;
			readonly code?: ErrorCode;
			readonly data?: Readonly<Record<string, unknown>>;
			/** Engine.IO's own. */
			readonly engine?: number;
			readonly headers?: Readonly<Record<string, string>>;
	  }
	/** A session, as if nothing were wrong. */
	| { readonly welcome: true; readonly absent?: string }
	/** An error; the connection lives on, unless a code says how it is closed. */
	| {
			readonly error: ErrorCode;
			readonly event?: string;
			readonly data?: Readonly<Record<string, unknown>>;
			readonly close?: number;
	  }
	/** A WebSocket close frame. */
	| { readonly close: number }
	/** Socket.IO's `connection:closing`, then the end. */
	| { readonly closing: number }
	/** The end without a word: no session was there to be told. */
	| { readonly end: true }
	/** Socket.IO's answer to a CONNECT. */
	| {
			readonly refused: string;
			readonly code?: ErrorCode;
			readonly namespace?: string;
	  }
	/** Nothing; the connection lives on. */
	| { readonly ignored: true };

type Bytes = string | Buffer;

interface RowBase {
	/** Of the catalogue. */
	readonly row: number;
	readonly name: string;
	readonly expect: Expected;
}

/** Bytes on a fresh TCP connection. */
export interface HttpRow extends RowBase {
	readonly door: "http";
	readonly bytes: Bytes | ((visit: Visit) => Bytes | Promise<Bytes>);
}

/** WebSocket frames at a door. */
export interface FrameRow extends RowBase {
	readonly door: "raw" | "socketio";
	/** False: without a token, or before CONNECT. */
	readonly known?: boolean;
	readonly upgrade?: UpgradeLines;
	readonly frames:
		| readonly Buffer[]
		| ((visit: Visit) => readonly Buffer[] | Promise<readonly Buffer[]>);
}

/** A conversation that is more than one message. */
export interface TalkRow extends RowBase {
	readonly door: "talk";
	readonly talk: (visit: Visit) => Promise<Transcript>;
}

export type Row = HttpRow | FrameRow | TalkRow;

/** For `it.each`: the number and the name of each row are in the test's name. */
export const titled = (
	rows: readonly Row[],
): readonly (readonly [number, string, Row])[] =>
	rows.map((row) => [row.row, row.name, row]);
