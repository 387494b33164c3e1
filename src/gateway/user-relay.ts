import type { ServerData, ServerEventName } from "../protocol/events.ts";
import type { Revocation } from "../rooms/revocation-store.ts";
import type { DocId, SessionId, UserId } from "../shared/ids.ts";
import type {
	ChannelBus,
	ChannelSubscription,
} from "../shared/ports/channel-bus.ts";
import type { Role } from "../shared/roles.ts";

/** Facts that concern all sessions of one user, wherever they are; rare enough for one channel. */
export type UserMessage =
	| {
			readonly kind: "role";
			readonly userId: UserId;
			readonly docId: DocId;
			/** Null: none is left. */
			readonly role: Role | null;
			readonly reason: string;
	  }
	| {
			readonly kind: "alert";
			readonly userId: UserId;
			/** It has been told already. */
			readonly except: SessionId;
			readonly alert: ServerData<"security:alert">;
	  }
	/** A session of the same person has taken the place of that one. */
	| {
			readonly kind: "replaced";
			readonly userId: UserId;
			readonly sessionId: SessionId;
	  }
	/** For whoever runs this place. */
	| {
			readonly kind: "admins";
			readonly alert: ServerData<"security:alert">;
	  }
	| {
			readonly kind: "event";
			readonly userIds: readonly UserId[];
			readonly name: ServerEventName;
			/** By the schema of that name. */
			readonly data: unknown;
			/** Sessions in this document hear of it there. */
			readonly beside?: DocId;
	  }
	| { readonly kind: "revoked"; readonly revocation: Revocation };

export const USERS_CHANNEL = "users";

/** Carries facts about users between the gateways, this one included. */
export class UserRelay {
	readonly #bus: ChannelBus;
	#subscription: ChannelSubscription | undefined;

	constructor(bus: ChannelBus) {
		this.#bus = bus;
	}

	async open(receive: (message: UserMessage) => void): Promise<void> {
		this.#subscription = await this.#bus.subscribe(USERS_CHANNEL, ({ head }) =>
			receive(head as UserMessage),
		);
	}

	tell(message: UserMessage): void {
		this.#bus.publish(USERS_CHANNEL, { head: message });
	}

	close(): void {
		this.#subscription?.unsubscribe();
	}
}
