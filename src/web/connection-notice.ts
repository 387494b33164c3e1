import type { Client } from "../sdk/client.ts";
import type { SdkError } from "../sdk/errors.ts";
import { systemClock } from "../sdk/platform.ts";
import type { Notices } from "./notices.ts";
import { forgetToken } from "./token.ts";

const LOST_MS = 5_000;
const KIND = "connection";

/** Speaks of the connection only when it is gone for long, or for ever. */
export function watchConnection(
	client: Client,
	notices: Notices,
	isOpen: () => boolean,
): void {
	let cancel: (() => void) | undefined;
	client.on("status", ({ status, reason }) => {
		document.documentElement.dataset.status = status;
		if (status === "offline") {
			cancel ??= systemClock.after(LOST_MS, () =>
				sayLost(client, notices, isOpen()),
			);
			return;
		}
		cancel?.();
		cancel = undefined;
		notices.hide(KIND);
		if (status === "stopped") sayStopped(notices, reason);
	});
}

function sayLost(client: Client, notices: Notices, isOpen: boolean): void {
	notices.show(KIND, {
		text: isOpen
			? "No connection. You can go on writing: changes are kept in this window and sent when it is back."
			: "The server cannot be reached. Trying again…",
		tone: "quiet",
		action: { label: "Try now", run: () => client.retry() },
	});
}

function sayStopped(notices: Notices, reason: SdkError | undefined): void {
	notices.show(KIND, {
		text: `${sentence(reason?.message ?? "The session ended")} The text stays here to be copied.`,
		tone: "serious",
		action: { label: "Sign in again", run: signInAgain },
	});
}

/** A server's reason as a sentence. */
export const sentence = (text: string): string =>
	`${text.slice(0, 1).toUpperCase()}${text.slice(1).replace(/\.?\s*$/, "")}.`;

function signInAgain(): void {
	forgetToken();
	location.reload();
}
