import type { BreakerState } from '../../../../../lib';
import { machineMs, pass } from '../../../../support/machine-time';
import { until } from '../../../../support/redis-server';
import { Dependency } from './dependency';
import type { MemberReport, MemberSetting } from './member-messages';
import { MemberProcess } from './member-process';
import { breakerOptions, leaseFor, TIMES } from './share-options';

const MEMBERS = 4;
/** As many as the quorum asks for. */
const WHO_SEE_IT = [0, 1];

const FAILURES = breakerOptions.failureThreshold;
const PACE_MS = 20;

/** From when on all members had confirmed that the circuit was open, and until when at least it was to be. */
export interface Opening {
  readonly from: number;
  readonly until: number;
}

export type FleetSetting = Pick<MemberSetting, 'client' | 'redisPort' | 'commandTimeout'>;

/** Processes that call one dependency, each through its own client of one store. */
export class ForkedFleet {
  readonly #before = new Map<MemberProcess, MemberReport>();

  private constructor(
    readonly members: readonly MemberProcess[],
    readonly dependency: Dependency,
  ) {}

  /** @returns Members that the store knows for longer than a lease, so that it gives slots. */
  static async start(program: string, { client, redisPort, commandTimeout }: FleetSetting): Promise<ForkedFleet> {
    const dependency = await Dependency.start();
    const setting = { client, redisPort, commandTimeout, dependencyPort: dependency.port, pace: PACE_MS };
    const members = Array.from({ length: MEMBERS }, (_, member) => new MemberProcess(program, { ...setting, member }));
    const fleet = new ForkedFleet(members, dependency);
    await fleet.#all((member) => member.confirmed.length > 0);
    await pass(leaseFor(commandTimeout));
    for (const member of members) fleet.#before.set(member, await member.report());
    // What a process met while it started is no part of what is shown.
    for (const member of members) member.store.length = 0;
    return fleet;
  }

  /** Lets the dependency fail for as many as must see it, until the whole fleet has confirmed that it is open. It has recovered then. */
  async trip(): Promise<Opening> {
    const { members, dependency } = this;
    const beganAt = machineMs();
    const epoch = Math.max(...members.map((member) => member.confirmed.at(-1)?.epoch ?? 0));
    dependency.failFor(...WHO_SEE_IT);
    await this.#all(({ confirmed }) => confirmed.some((one) => one.epoch > epoch && one.state === 'open'));
    dependency.recover();
    const confirmedAt = members.map(({ confirmed }) => confirmed.find((one) => one.epoch > epoch && one.state === 'open')?.at ?? 0);
    // Nobody has voted before it was told of so many failures.
    const lastVoteAt = Math.max(...WHO_SEE_IT.map((member) => dependency.failuresSince(beganAt, member)[FAILURES - 1] ?? NaN));
    return { from: Math.max(...confirmedAt), until: lastVoteAt + TIMES.recoveryTimeout };
  }

  /** Waits until all go by the same state. */
  async come(to: BreakerState): Promise<void> {
    await this.#all(({ state }) => state === to);
  }

  /** Waits until the store has told all that the circuit is so, and all go by it. */
  async confirm(state: BreakerState): Promise<void> {
    await this.#all((member) => member.confirmed.at(-1)?.state === state && member.state === state);
  }

  /** Waits until all have been told so of the health of the store. */
  async hear(...health: string[]): Promise<void> {
    await this.#all((member) => member.health.join() === health.join());
  }

  async report(): Promise<FleetReport> {
    const { members, dependency } = this;
    const after = await Promise.all(members.map((member) => member.report()));
    return { members, log: dependency.log, before: members.map((member) => this.#before.get(member)!), after };
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map((member) => member.stop()));
    await this.dependency.stop();
  }

  async #all(holds: (member: MemberProcess) => boolean): Promise<void> {
    try {
      await until(() => this.members.every(holds));
    } catch (error) {
      const told = this.members.map(({ state, confirmed, store }) => ({ state, store, confirmed: confirmed.at(-1) }));
      throw new Error(`${String(error)}\n${JSON.stringify(told, undefined, 2)}`, { cause: error });
    }
  }
}

export interface FleetReport {
  readonly members: readonly MemberProcess[];
  readonly log: Dependency['log'];
  /** What each member said of itself at first, and at last. */
  readonly before: readonly MemberReport[];
  readonly after: readonly MemberReport[];
}
