import type { BareStyle } from "./sim-bare-wire.ts";
import { checkRun } from "./sim-check.ts";
import { CALM, ROUGH, type SimFaults, SPLIT, WILD } from "./sim-faults.ts";
import type { SimPerson } from "./sim-person.ts";
import { SimWorld, settle } from "./sim-world.ts";

export interface SimOptions {
	readonly seed: number;
	readonly steps: number;
	/** Instead of those that the seed chooses. */
	readonly faults?: SimFaults;
	readonly trace?: (line: string) => void;
}

export interface SimReport {
	readonly seed: number;
	readonly violations: readonly string[];
	readonly world: SimWorld;
	readonly revision: number;
}

export async function simulate(options: SimOptions): Promise<SimReport> {
	const { seed, steps, trace } = options;
	const profile = [CALM, ROUGH, SPLIT, WILD][seed % 4] as SimFaults;
	const world = new SimWorld(seed, options.faults ?? profile);
	world.trace = trace;
	world.tapes.trace = trace;
	invite(world);
	for (let step = 0; step < steps; step++) {
		if (trace !== undefined) trace(`-- ${step}`);
		await move(world);
		await settle();
	}
	world.calm();
	await heal(world);
	const violations = await checkRun(world);
	const revision = (await world.log()).length;
	return { seed, violations, world, revision };
}

const BASE = {
	unit: "utf16",
	window: 8,
	counting: "count",
	recovers: true,
	withIds: true,
} as const;

/** A library's client, one that counts clocks and one that names revisions, two of them of one person; then some more. */
function invite(world: SimWorld): void {
	const { random } = world;
	const unit = () => random.pick(["utf16", "utf16", "codepoint"] as const);
	const counting = () => random.pick(["count", "merge"] as const);
	const more: readonly (() => Partial<BareStyle>)[] = [
		() => ({ base: "flat" }),
		() => ({ base: "native" }),
		() => ({ base: "both", counting: counting() }),
		() => ({ base: "clock", recovers: false, withIds: random.chance(0.5) }),
		() => ({ base: "clock", window: 1 }),
		() => ({ base: "revision", recovers: false }),
	];
	world.sdkClient("ann");
	world.bareClient("bob", {
		...BASE,
		base: "clock",
		counting: counting(),
	});
	const tab = random.pick(["bob", "bob", "ann"]);
	world.bareClient(tab, { ...BASE, base: "revision", unit: unit() });
	for (let i = random.below(3); i > 0; i--) {
		const style = {
			...BASE,
			base: "both",
			unit: unit(),
			...random.pick(more)(),
		};
		world.bareClient(random.pick(["bob", "cat", "ann"]), style as BareStyle);
	}
	if (random.chance(0.2)) world.sdkClient(random.pick(["ann", "dan"]));
}

type Step = () => void | Promise<void>;

function move(world: SimWorld): void | Promise<void> {
	return world.random.weighted([...network(world), ...events(world)])();
}

/** What can arrive. */
function network(world: SimWorld): (readonly [number, Step])[] {
	const { random, calls, bus, disk, links } = world;
	const ups = links.filter(({ up, isEnded }) => up.length > 0 && !isEnded);
	const downs = links.filter(({ down, isCut }) => down.length > 0 && !isCut);
	const busy = <T>(weight: number, list: readonly T[], step: Step) =>
		[list.length > 0 ? weight : 0, step] as const;
	return [
		busy(12, ups, () => random.pick(ups).deliverUp()),
		busy(14, downs, () => random.pick(downs).deliverDown()),
		busy(12, calls.asked, () => calls.deliver()),
		busy(12, calls.answers, () => calls.answer()),
		busy(10, disk.statements, () => disk.move()),
		busy(6, disk.reads, () => random.take(disk.reads, 1)()),
		[bus.isQuiet ? 0 : 12, () => bus.move()],
	];
}

/** What people and fate do. */
function events(world: SimWorld): (readonly [number, Step])[] {
	const { random, faults, people, owners, links, clock } = world;
	const writers = people.filter((person) => person.canEdit);
	const away = people.filter(({ canConnect, end }) => canConnect && !end);
	const alive = links.filter(({ isCut }) => !isCut);
	const ghosts = links.filter(({ isCut, isEnded }) => isCut && !isEnded);
	const noted =
		(what: string, step: Step): Step =>
		() => {
			world.note(what);
			world.trace?.(what);
			return step();
		};
	return [
		[writers.length > 0 ? 14 : 0, () => world.edit(random.pick(writers))],
		[away.length > 0 ? 6 : 0, () => random.pick(away).connect()],
		[2, () => clock.advance(random.pick([20, 100, 300, 1_000]))],
		[0.1, noted("long pauses", () => clock.advance(random.pick([6e3, 7e4])))],
		[
			alive.length > 0 ? faults.cut : 0,
			noted("cuts", () => random.pick(alive).cut()),
		],
		[ghosts.length > 0 ? 2 : 0, () => random.pick(ghosts).notice()],
		[
			faults.crashOwner,
			noted("owner crashes", () => world.crashOwner(random.pick(owners))),
		],
		[
			owners.length === 1 ? faults.secondOwner : 0,
			noted("second owners", () => world.startOwner()),
		],
		[
			faults.crashOwner + (owners.length - 1) * faults.secondOwner,
			noted("owners retired", () => world.retireOwner(random.pick(owners))),
		],
		[faults.crashGateway, noted("gateway crashes", () => world.crashGateway())],
		[faults.crashOwner, noted("snapshots", () => world.snapshot())],
	];
}

/** Of half a second each. */
const ROUNDS = 200;
/** Steps without a pause in which everything must have come to rest. */
const MOST_MOVES = 20_000;

/** Lets everything come to rest: all connected, nothing on its way, nothing unsent. */
async function heal(world: SimWorld): Promise<void> {
	await rest(world, () => true);
	// The last message of all may have been lost: a last edit lets everybody notice.
	const writer = world.people.find(({ canEdit, end }) => canEdit && !end);
	if (writer !== undefined) world.edit(writer);
	await rest(world, (person, head) => person.rev === head);
}

async function rest(
	world: SimWorld,
	hasArrived: (person: SimPerson, head: number) => boolean,
): Promise<void> {
	for (let round = 0; round < ROUNDS; round++) {
		await drain(world);
		for (const person of world.people)
			if (person.canConnect && !person.end) person.connect();
		await settle();
		world.noticeGhosts();
		await drain(world);
		const { length: head } = await world.log();
		const isDone = (person: SimPerson) =>
			person.end !== undefined ||
			(person.isSettled && hasArrived(person, head));
		if (world.people.every(isDone)) return;
		world.clock.advance(500);
		await settle();
	}
}

async function drain(world: SimWorld): Promise<void> {
	let moves = 0;
	for (let idle = 0; idle < 2; ) {
		if (++moves > MOST_MOVES) throw new Error("it never comes to rest");
		const options = network(world);
		if (options.every(([weight]) => weight === 0)) {
			idle++;
			await settle();
			continue;
		}
		idle = 0;
		await world.random.weighted(options)();
		await settle();
	}
}
