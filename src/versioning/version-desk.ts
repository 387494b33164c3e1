import type { Asked } from "../protocol/asked.ts";
import type {
	ReplyData,
	ServerData,
	ServerEventName,
} from "../protocol/events.ts";
import type { Clock } from "../shared/clock.ts";
import type { DocId } from "../shared/ids.ts";
import type { Admission } from "../shared/ports/admission.ts";
import type { Version } from "./version.ts";
import { authorOf, contentJson, timeOf, versionJson } from "./version-json.ts";
import { HEAD, LISTED, type Versions } from "./versions.ts";

/** Tells everybody who has joined a document. */
interface RoomTeller {
	tellRoom<N extends ServerEventName>(
		docId: DocId,
		name: N,
		data: ServerData<N>,
	): void;
}

/** What people ask of versions: lets in who may, and tells everybody what was done. */
export class VersionDesk {
	readonly #versions: Versions;
	readonly #admit: Admission;
	readonly #teller: RoomTeller;
	readonly #clock: Pick<Clock, "nowMs">;

	constructor(ports: {
		readonly versions: Versions;
		readonly admit: Admission;
		readonly teller: RoomTeller;
		readonly clock: Pick<Clock, "nowMs">;
	}) {
		this.#versions = ports.versions;
		this.#admit = ports.admit;
		this.#teller = ports.teller;
		this.#clock = ports.clock;
	}

	async create(
		asked: Asked<"version:create">,
	): Promise<ServerData<"version:created">> {
		const { prdId: docId, ...wanted } = asked.data;
		await this.#admit(asked, docId);
		const author = authorOf(asked.person);
		const made = await this.#versions.create({ docId, author, ...wanted });
		return this.announce(made);
	}

	/** Tells everybody in the document of a new version. */
	announce(made: Version): ServerData<"version:created"> {
		const created = versionJson(made);
		this.#teller.tellRoom(made.docId, "version:created", created);
		return created;
	}

	async update(
		asked: Asked<"version:update">,
	): Promise<ServerData<"version:updated">> {
		const { prdId: docId, version, changelog } = asked.data;
		await this.#admit(asked, docId);
		const changed = await this.#versions.update({ docId, version }, changelog);
		const updated = {
			...versionJson(changed),
			updatedBy: authorOf(asked.person),
			updatedAt: timeOf(this.#clock.nowMs()),
		};
		this.#teller.tellRoom(docId, "version:updated", updated);
		return updated;
	}

	async restore({
		event,
		person,
		data,
	}: Asked<"version:restore">): Promise<ServerData<"version:restored">> {
		const { prdId: docId, version } = data;
		await this.#admit({ event, person }, docId);
		const { userId } = person;
		const request = { docId, version, userId };
		const restored = {
			prdId: docId,
			version,
			revision: await this.#versions.restore(request),
			restoredBy: authorOf(person),
			restoredAt: timeOf(this.#clock.nowMs()),
		};
		this.#teller.tellRoom(docId, "version:restored", restored);
		return restored;
	}

	async list(asked: Asked<"version:list">): Promise<ReplyData<"version:list">> {
		const { prdId: docId, before } = asked.data;
		await this.#admit(asked, docId);
		const found = await this.#versions.list(docId, before);
		const last = found.at(-1);
		return {
			versions: found.map(versionJson),
			...(last === undefined || found.length < LISTED
				? {}
				: { nextBefore: last.version }),
		};
	}

	async get(asked: Asked<"version:get">): Promise<ReplyData<"version:get">> {
		const { prdId: docId, version } = asked.data;
		await this.#admit(asked, docId);
		const found = await this.#versions.get({ docId, version });
		return contentJson(found, asked.person.unit ?? "utf16");
	}

	async diff(asked: Asked<"version:diff">): Promise<ReplyData<"version:diff">> {
		const { prdId, from, to = HEAD } = asked.data;
		await this.#admit(asked, prdId);
		const comparison = await this.#versions.diff(prdId, from, to);
		return { prdId, from, to, ...comparison };
	}
}
