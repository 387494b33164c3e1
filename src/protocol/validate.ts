import FastestValidator, {
	type ValidatorConstructorOptions,
} from "fastest-validator";
import { CollabError } from "./errors.ts";
import type { ClientEvent, Schema } from "./event.ts";
import { type ClientData, type ClientEventName, EVENTS } from "./events.ts";

type Checker = (value: unknown) => true | readonly Fault[];
interface Fault {
	readonly type: string;
	readonly field: string;
}

// The package's types describe an ES module; what Node loads is the constructor itself.
const Validator = FastestValidator as unknown as new (
	options: ValidatorConstructorOptions,
) => { compile(schema: Schema): Checker };
const validator = new Validator({
	haltOnFirstError: true,
	useNewCustomCheckerFunction: true,
	considerNullAsAValue: true,
});
/**
 * The schema as the library needs it. A rule object that it meets twice it takes for a cycle, and then skips its custom
 * check: no object twice. A null passes for any rule that does not forbid it: all do that do not allow it.
 */
const explicit = (value: unknown): unknown => {
	if (Array.isArray(value)) return value.map(explicit);
	if (typeof value !== "object" || value === null) return value;
	const copy = Object.fromEntries(
		Object.entries(value).map(([key, v]) => [key, explicit(v)]),
	);
	const isRule = typeof copy.type === "string";
	return isRule ? { nullable: false, ...copy } : copy;
};
/** A checker of that schema; it may change what it checks. */
export const compile = (schema: Schema): Checker =>
	validator.compile(explicit(schema) as Schema);

/** How a name on the wire is understood. */
export interface KnownEvent {
	readonly name: ClientEventName;
	readonly event: ClientEvent;
	/** One per form of the payload. */
	readonly checkers: readonly Checker[];
}

/** Both spellings of every client event and of its aliases; a server's event is not in it. */
const KNOWN = new Map<string, KnownEvent>();
for (const [name, event] of Object.entries(EVENTS)) {
	if (event.direction !== "client") continue;
	const forms: readonly Schema[] = Array.isArray(event.payload)
		? event.payload
		: [event.payload as Schema];
	const known = {
		name: name as ClientEventName,
		event,
		checkers: forms.map(compile),
	};
	for (const spelling of [name, ...event.aliases]) {
		KNOWN.set(spelling, known);
		KNOWN.set(spelling.replaceAll(":", "."), known);
	}
}

export const findEvent = (type: string): KnownEvent | undefined =>
	KNOWN.get(type);

/** Which of the three forms of an edit a payload claims to be. */
function formOf({ operation }: Readonly<Record<string, unknown>>): number {
	if (typeof operation === "string") return 1;
	const isObject = typeof operation === "object" && operation !== null;
	return isObject && Object.hasOwn(operation, "op") ? 2 : 0;
}

/**
 * Checks a payload against the registry; unknown top-level fields are removed from it.
 * Throws `VALIDATION_FAILED {field, rule}`; the message names the field and never shows its value.
 */
export function validate(
	known: KnownEvent,
	data: Record<string, unknown>,
): ClientData<ClientEventName> {
	const { checkers } = known;
	const check = checkers.length === 1 ? checkers[0] : checkers[formOf(data)];
	const verdict = check?.(data);
	if (verdict === true) return data as ClientData<ClientEventName>;
	const fault = verdict?.[0];
	const field = fault?.field ?? "$";
	throw new CollabError("VALIDATION_FAILED", `Invalid field ${field}`, {
		field,
		rule: fault?.type ?? "unknown",
	});
}
