import type { Service, ServiceSchema, ServiceSettingSchema } from "moleculer";
import { Approvals } from "../src/approvals/approvals.ts";
import { DueDates } from "../src/approvals/due-dates.ts";
import type { TellNews } from "../src/approvals/news.ts";
import { Progress } from "../src/approvals/progress.ts";
import { handles } from "../src/bus/actions.ts";
import { admissionBy } from "../src/bus/admission.ts";
import { ASKED } from "../src/bus/served-actions.ts";
import { Teller } from "../src/bus/teller.ts";
import { versionsBy } from "../src/bus/version-calls.ts";
import { platformOf } from "../src/node/platform.ts";
import type { DocId } from "../src/shared/ids.ts";

interface Vars {
	approvals: Approvals;
	progress: Progress;
	dueDates: DueDates | undefined;
}
type This = Service<ServiceSettingSchema> & Vars;

/** Who has asked whom to approve which version, and what came of it. */
const approvalsService: ServiceSchema<ServiceSettingSchema, object, Vars> = {
	name: "approvals",
	actions: {
		request: {
			params: ASKED,
			handler: handles<"approvals.request", This>(async function (asked) {
				const requested = await this.approvals.request(asked);
				const { dueAt } = requested;
				if (dueAt !== undefined) this.dueDates?.expect(Date.parse(dueAt));
				return requested;
			}),
		},
		grant: {
			params: ASKED,
			handler: handles<"approvals.grant", This>(function (asked) {
				return this.approvals.decide(asked, "granted");
			}),
		},
		reject: {
			params: ASKED,
			handler: handles<"approvals.reject", This>(function (asked) {
				return this.approvals.decide(asked, "rejected");
			}),
		},
		cancel: {
			params: ASKED,
			handler: handles<"approvals.cancel", This>(function (asked) {
				return this.approvals.cancel(asked);
			}),
		},
		list: {
			params: ASKED,
			handler: handles<"approvals.list", This>(function (asked) {
				return this.approvals.list(asked);
			}),
		},
	},
	events: {
		/** What is lost of these the next sweep makes up for. */
		"version.created": {
			params: { docId: "string" },
			async handler(this: This, { params }: { params: { docId: DocId } }) {
				await this.progress.supersede(params.docId);
			},
		},
	},
	async started() {
		const { stores, bus, clock, logger, newId } = platformOf(this.broker);
		const store = stores.approvals;
		const versions = versionsBy(this.broker, stores.versions);
		const tell = newsTeller(new Teller(bus));
		this.progress = new Progress({ store, versions, tell, clock });
		this.approvals = new Approvals({
			store,
			progress: this.progress,
			versions,
			admit: admissionBy(this.broker),
			tell,
			clock,
			newId,
		});
		this.dueDates = new DueDates({ progress: this.progress, clock, logger });
		await this.dueDates.run();
	},
	async stopped() {
		this.dueDates?.close();
	},
};
export default approvalsService;

/** People first: one who joins in between hears it twice rather than never. */
const newsTeller =
	(teller: Teller): TellNews =>
	({ name, data }, { docId, requester, approvers }) => {
		const people = [...new Set([requester.id, ...approvers])];
		teller.tellUsers(people, name, data, docId);
		teller.tellRoom(docId, name, data);
	};
