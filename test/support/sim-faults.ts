/** How likely each thing goes wrong; 0 everywhere is a perfect network with unpredictable delays. */
export interface SimFaults {
	/** Messages between services. */
	readonly lose: number;
	readonly repeat: number;
	readonly reorder: number;
	/** The caller gives up while the call is still on its way. */
	readonly timeOut: number;
	/** The database's connection breaks during a commit. */
	readonly breakCommit: number;
	readonly failRead: number;
	/** Weights of steps. */
	readonly cut: number;
	readonly crashOwner: number;
	readonly crashGateway: number;
	readonly secondOwner: number;
}

export const CALM: SimFaults = {
	lose: 0,
	repeat: 0,
	reorder: 0,
	timeOut: 0,
	breakCommit: 0,
	failRead: 0,
	cut: 0,
	crashOwner: 0,
	crashGateway: 0,
	secondOwner: 0,
};

/** Connections come and go, messages repeat and get lost. */
export const ROUGH: SimFaults = {
	lose: 0.01,
	repeat: 0.02,
	reorder: 0.01,
	timeOut: 0.005,
	breakCommit: 0.01,
	failRead: 0,
	cut: 0.25,
	crashOwner: 0.06,
	crashGateway: 0.05,
	secondOwner: 0,
};

/** Everything at once. */
export const WILD: SimFaults = {
	lose: 0.05,
	repeat: 0.08,
	reorder: 0.15,
	timeOut: 0.03,
	breakCommit: 0.06,
	failRead: 0.02,
	cut: 1.5,
	crashOwner: 0.5,
	crashGateway: 0.2,
	secondOwner: 0,
};

/** Two owners at a time, each of which believes to be the only one. */
export const SPLIT: SimFaults = {
	lose: 0.02,
	repeat: 0.05,
	reorder: 0.1,
	timeOut: 0.01,
	breakCommit: 0.03,
	failRead: 0.01,
	cut: 1,
	crashOwner: 0.4,
	crashGateway: 0.1,
	secondOwner: 2,
};

/** Two owners, and clients that come back in another session while what they had sent is still under way. */
export const TORN: SimFaults = {
	lose: 0.02,
	repeat: 0.1,
	reorder: 0.3,
	timeOut: 0.15,
	breakCommit: 0.02,
	failRead: 0,
	cut: 4,
	crashOwner: 0.1,
	crashGateway: 0.1,
	secondOwner: 4,
};
