import {
	Errors,
	type Middleware,
	type Service,
	type ServiceBroker,
} from "moleculer";

/**
 * A bus that is away, as Moleculer alone does not notice: calls would hang until they time out, and other nodes would
 * be taken for dead because nobody hears them.
 */
export class BusGuard {
	#broker: ServiceBroker | undefined;
	#isAway = false;

	readonly middleware: Middleware = {
		name: "BusGuard",
		created: (broker: ServiceBroker) => {
			this.#broker = broker;
		},
		// Before the transporter, which would log each of them as an error.
		remoteAction: (next, { name = "" }) => {
			const guard = this;
			return function (this: Service, ctx) {
				return guard.#isAway
					? Promise.reject(
							new Errors.ServiceNotAvailableError({ action: name }),
						)
					: next.call(this, ctx);
			};
		},
	};

	get isAway(): boolean {
		return this.#isAway;
	}

	/** From here on calls of other nodes fail at once, those that wait for an answer too. All can be tried again. */
	lost(): void {
		const { registry, transit } = this.#broker ?? {};
		if (this.#isAway || registry === undefined || transit === undefined) return;
		this.#isAway = true;
		transit.discoverer.stopHeartbeatTimers();
		for (const { id, local } of registry.nodes.toArray())
			if (!local) transit.removePendingRequestByNodeID(id);
	}

	/** Calls go out again; nodes tell each other what they have. */
	async returned(): Promise<void> {
		const { registry, transit } = this.#broker ?? {};
		if (!this.#isAway || registry === undefined || transit === undefined)
			return;
		const nowSeconds = Math.round(process.uptime());
		for (const node of registry.nodes.toArray())
			if (!node.local) node.lastHeartbeatTime = nowSeconds;
		this.#isAway = false;
		const { discoverer } = transit;
		discoverer.startHeartbeatTimers();
		await discoverer.sendLocalNodeInfo();
		await discoverer.discoverAllNodes();
	}
}
