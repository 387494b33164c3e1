import { systemClock } from "../sdk/platform.ts";
import { brand, h, show } from "./dom.ts";
import { forgetToken, givenToken, keepToken, nameIn } from "./token.ts";

/** Who uses this page, and how tokens for him are got. */
export interface Visitor {
	readonly name: string;
	/** Signed in by name alone, on a server that lets its visitors do so. */
	readonly isDemo: boolean;
	readonly access:
		| { readonly token: string }
		| { readonly getToken: () => Promise<string> };
}

const NAME_KEY = "prdtool.name";

/** Finds out who is there, asking when it must; resolves when it knows. */
export async function visitor(): Promise<Visitor> {
	const token = givenToken();
	if (token !== undefined) return bearer(token);
	let name = localStorage.getItem(NAME_KEY) ?? (await askName(""));
	for (let problem = ""; ; name = await askName(problem, name)) {
		const answer = await signIn(name).catch(() => "unreachable" as const);
		if (answer === "no-demo") return askToken();
		if (typeof answer !== "string") {
			localStorage.setItem(NAME_KEY, name);
			return guest(name, answer.token);
		}
		problem =
			answer === "refused"
				? "This name is not possible. Please choose another one."
				: "The server cannot be reached. Please try again.";
	}
}

/** Who is there, if that is known without asking. */
export function knownVisitor(): Visitor | undefined {
	const token = givenToken();
	if (token !== undefined) return bearer(token);
	const name = localStorage.getItem(NAME_KEY);
	return name === null ? undefined : guest(name);
}

/** The next visitor of this browser is asked again. */
export function forgetVisitor(): void {
	forgetToken();
	localStorage.removeItem(NAME_KEY);
}

const bearer = (token: string): Visitor => ({
	name: nameIn(token),
	isDemo: false,
	access: { token },
});

/** A token lives longer than a page's burst of requests: one sign-in serves them all. */
const TOKEN_MS = 60_000;

function guest(name: string, first?: string): Visitor {
	let latest = first;
	let signedInAtMs = systemClock.nowMs();
	const getToken = async (): Promise<string> => {
		const nowMs = systemClock.nowMs();
		if (latest !== undefined && nowMs - signedInAtMs < TOKEN_MS) return latest;
		latest = await freshToken(name);
		signedInAtMs = nowMs;
		return latest;
	};
	return { name, isDemo: true, access: { getToken } };
}

type Answer = { readonly token: string } | "no-demo" | "refused";

/** The development server signs anybody in by name; elsewhere there is no such door. */
async function signIn(name: string): Promise<Answer> {
	const response = await fetch("/api/demo/sign-in", {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify({ name }),
	});
	if (response.ok) return (await response.json()) as { token: string };
	if (response.status === 404) return "no-demo";
	if (response.status >= 500) throw new Error("The server has a problem");
	return "refused";
}

async function freshToken(name: string): Promise<string> {
	const answer = await signIn(name);
	if (typeof answer === "string") throw new Error("The sign-in was refused");
	return answer.token;
}

async function askName(problem: string, name = ""): Promise<string> {
	return ask({
		title: "What is your name?",
		text: "It is what others see when you write together.",
		problem,
		button: "Continue",
		field: h("input", {
			id: "answer",
			name: "answer",
			autocomplete: "name",
			maxlength: "60",
			value: name,
			required: true,
		}),
		label: "Your name",
	});
}

async function askToken(): Promise<Visitor> {
	const token = await ask({
		title: "Sign in",
		text: "Paste the access token that you were given. It stays in this tab.",
		problem: "",
		button: "Sign in",
		field: h("textarea", {
			id: "answer",
			name: "answer",
			rows: "4",
			autocomplete: "off",
			spellcheck: "false",
			required: true,
		}),
		label: "Access token",
	});
	keepToken(token);
	return bearer(token);
}

interface Question {
	readonly title: string;
	readonly text: string;
	readonly problem: string;
	readonly label: string;
	readonly button: string;
	readonly field: HTMLInputElement | HTMLTextAreaElement;
}

function ask(question: Question): Promise<string> {
	const { title, text, problem, label, button, field } = question;
	return new Promise((resolve) => {
		const answered = (event: Event) => {
			event.preventDefault();
			const answer = field.value.trim();
			if (answer !== "") resolve(answer);
		};
		const form = h(
			"form",
			{ class: "card", submit: answered },
			brand(),
			h("h1", {}, title),
			h("p", { class: "muted" }, text),
			h("label", { for: "answer" }, label),
			field,
			h("p", { class: "problem", role: "alert" }, problem),
			h("button", { class: "primary", type: "submit" }, button),
		);
		show(`${title} – prdtool`, h("main", { class: "centre" }, form));
		field.focus();
	});
}
