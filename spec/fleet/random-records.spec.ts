import fc from 'fast-check';
import type { Command } from '../../lib/fleet/command';
import { decode, type Record } from '../../lib/fleet/record';
import { runs } from '../support/runs';
import { RacingClient, LATE, LEASE as RACING_LEASE } from './support/racing-client';
import { ANY, LEASE, ReducedRecord, type Outcome } from './support/reduced-record';
import { TroubledServer } from './support/troubled-server';

const PROBES = 2;
const OPEN_FOR = 30;

/** What a process wants: with its own slot, and the epoch that it knows. */
type Wish = 'restore' | 'vote' | 'report' | 'acquire' | 'renew' | 'keep' | 'release' | 'succeed' | 'fail' | 'close' | 'reset';

const wish = fc.oneof(
  ...([['restore', 1], ['vote', 4], ['report', 1], ['acquire', 8], ['renew', 1], ['keep', 1], ['release', 1], ['succeed', 2], ['fail', 2], ['close', 1], ['reset', 1]] as const).map(
    ([what, weight]) => ({ arbitrary: fc.constant<Wish>(what), weight }),
  ),
);

function commandOf(what: Wish, slot: string, epoch: number, grantedIn: number, probes = PROBES): Command {
  switch (what) {
    case 'restore':
      return { kind: 'restore' };
    case 'vote':
      return { kind: 'vote', epoch, lasts: OPEN_FOR, quorum: ANY };
    case 'report':
      return { kind: 'report', epoch, counts: { calls: 1, failures: 1, slow: 0, streak: 1 }, limits: { failureThreshold: 1 }, openFor: OPEN_FOR, hearing: 200 };
    case 'acquire':
      return { kind: 'acquire', slot, probes, successes: probes };
    case 'renew':
    case 'keep':
      return { kind: 'renew', slot, idle: what === 'keep' };
    case 'release':
      return { kind: 'release', slot };
    case 'succeed':
    case 'fail':
      return { kind: 'result', slot, epoch: grantedIn, success: what === 'succeed', successes: probes, openFor: OPEN_FOR };
    case 'close':
    case 'reset':
      return { kind: 'force', act: what };
  }
}

/** The probe of one process: it has a slot until that runs out by its own clock, counted from when it asked. */
class Probe {
  slot = '';
  epoch = 0;
  #untilMs = 0;
  #slots = 0;

  constructor(
    private readonly name: string,
    private readonly lease: number,
  ) {}

  isLive(nowMs: number): boolean {
    return this.#untilMs > nowMs;
  }

  /** Before a command is sent. @returns Its slot. */
  before(what: Wish, nowMs: number): string {
    if (what === 'acquire' && !this.isLive(nowMs)) this.slot = `${this.name} ${++this.#slots}`;
    // Whoever tells how a probe ended, or gives a slot back, runs no probe.
    if (what === 'release' || what === 'succeed' || what === 'fail') this.#untilMs = 0;
    return this.slot;
  }

  after(what: Wish, done: boolean, sentAtMs: number, nowMs: number, epoch: number): void {
    if (what === 'acquire' && done) this.epoch = epoch;
    const holds = what === 'acquire' || what === 'renew' || what === 'keep';
    if (holds && done) this.#untilMs = sentAtMs + this.lease;
    else if ((what === 'renew' || what === 'keep') && this.isLive(nowMs)) this.#untilMs = 0;
  }
}

/** Whether each epoch that was ever seen had one state. */
class Epochs {
  readonly #states = new Map<number, string>();

  expectOneState({ epoch, state }: Pick<Record, 'epoch' | 'state'>): void {
    if (epoch === 0) return;
    expect(this.#states.get(epoch) ?? state).toBe(state);
    this.#states.set(epoch, state);
  }
}

describe('whatever processes do, one after another', () => {
  const step = fc.record({
    // Much happens within a lease, and now and then one passes.
    after: fc.constantFrom(0, 0, 1, OPEN_FOR, OPEN_FOR, OPEN_FOR, OPEN_FOR, LEASE - 1, LEASE),
    process: fc.nat(2),
    what: wish,
    isLost: fc.nat(29).map((n) => n === 29),
  });

  it('no more probes run than may at once, also over epochs and losses; epochs never decrease; one epoch has one state; nothing is waited for longer than given', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const store = new ReducedRecord();
        const processes = ['a', 'b', 'c'].map((name) => ({ sender: store.process(name), probe: new Probe(name, LEASE) }));
        const epochs = new Epochs();
        let newest = 0;
        for (const { after, process, what, isLost } of steps) {
          const { sender, probe } = processes[process]!;
          // Two transitions never share a microsecond.
          store.passes(after + 0.001);
          if (isLost) {
            store.loses();
            newest = 0;
          }
          const slot = probe.before(what, store.nowMs);
          const outcome = sender.send(commandOf(what, slot, sender.epoch, probe.epoch));
          probe.after(what, outcome.done, store.nowMs, store.nowMs, outcome.epoch);

          expect(outcome.epoch).toBeGreaterThanOrEqual(newest);
          newest = outcome.epoch;
          epochs.expectOneState(outcome);
          expect(outcome.wait).toBeLessThanOrEqual(LEASE);
          expect(store.record?.leases.length ?? 0).toBeLessThanOrEqual(PROBES);
          expect(processes.filter((one) => one.probe.isLive(store.nowMs)).length).toBeLessThanOrEqual(PROBES);
        }
      }),
      { numRuns: runs(2000) },
    );
  });

  it('after a result that came late, the record is the same', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.boolean(), (steps, isSuccess) => {
        const store = new ReducedRecord();
        const [a, b] = [store.process('a'), store.process('b')];
        a.vote(ANY);
        store.passes(LEASE);
        const { epoch } = a.acquire('late', { probes: PROBES, successes: PROBES });
        for (const { after, what } of steps) {
          store.passes(after + 0.001);
          b.send(commandOf(what, 'b', b.epoch, b.epoch));
        }
        const before = store.record;
        fc.pre(before?.epoch !== epoch);
        const outcome: Outcome = a.send(commandOf(isSuccess ? 'succeed' : 'fail', 'late', a.epoch, epoch));
        expect(outcome).toMatchObject({ done: false });
        if (!outcome.restored) expect(store.record).toBe(before);
      }),
      { numRuns: runs(500) },
    );
  });
});

describe('whatever the clock of the server does (F5)', () => {
  const HOUR = 3_600_000;
  const step = fc.record({
    after: fc.constantFrom(0, 1, OPEN_FOR, LEASE),
    jump: fc.constantFrom(0, 0, 0, HOUR, -HOUR, 500, -500),
    process: fc.nat(2),
    what: wish,
  });

  it('a breaker that is open is probed when what was given has passed since a process saw it last', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.constantFrom(HOUR, -HOUR), (steps, lastJump) => {
        const store = new ReducedRecord();
        const processes = ['a', 'b', 'c'].map((name) => store.process(name));
        for (const process of processes) process.remembers = true;
        for (const { after, jump, process, what } of steps) {
          store.passes(after + 0.001);
          store.jumps(jump);
          const sender = processes[process]!;
          const { wait } = sender.send(commandOf(what, `${sender.name} slot`, sender.epoch, sender.epoch));
          expect(wait).toBeLessThanOrEqual(LEASE);
        }
        const [a] = processes as [typeof processes[0]];
        if (a.reads().state === 'closed') a.vote(ANY, { lasts: OPEN_FOR });
        store.jumps(lastJump);
        // What is left may be an open time, a quarantine and leases: they run at the same time.
        store.passes(LEASE);
        expect(a.acquire('at last', { probes: PROBES, successes: PROBES })).toMatchObject({ state: 'half_open', done: true });
      }),
      { numRuns: runs(500) },
    );
  });
});

describe('several processes that race for a record which they know from their last answer', () => {
  /** What happens to the world between the ways of their commands. */
  type Event = { readonly kind: 'pass'; readonly ms: number } | { readonly kind: 'lose' } | { readonly kind: 'fail over'; readonly writes: number };
  const event: fc.Arbitrary<Event> = fc.oneof(
    { arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(1, OPEN_FOR, OPEN_FOR, OPEN_FOR, LATE, RACING_LEASE - 1, RACING_LEASE) }), weight: 12 },
    { arbitrary: fc.constant({ kind: 'lose' as const }), weight: 1 },
    { arbitrary: fc.record({ kind: fc.constant('fail over' as const), writes: fc.nat(3) }), weight: 1 },
  );
  const racingWish = fc.constantFrom<(Wish | 'read')[]>('acquire', 'acquire', 'acquire', 'acquire', 'vote', 'vote', 'fail', 'renew', 'close', 'succeed', 'release', 'keep', 'read', 'restore');
  const wishes = fc.array(racingWish, { minLength: 4, maxLength: 12 });

  it('never have more probes than may run at once, two states in one epoch, or a late result that counts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(wishes, { minLength: 2, maxLength: 4 }), fc.array(event, { minLength: 5, maxLength: 25 }), async (scheduler, all, events) => {
        let isRacing = false;
        const server = new TroubledServer((what) => (isRacing ? scheduler.schedule(Promise.resolve(), what) : Promise.resolve()));
        const epochs = new Epochs();
        const probes = all.map((_, n) => new Probe(`p${n}`, RACING_LEASE));
        const check = (): void => {
          expect(probes.filter((probe) => probe.isLive(server.localMs)).length).toBeLessThanOrEqual(1);
        };
        server.changed = (stored) => {
          const record = stored && decode(stored.value);
          if (record !== undefined) epochs.expectOneState(record);
        };
        const clients = probes.map((_, n) => new RacingClient(`p${n}`, server, server.times));
        await clients[0]!.read();
        await clients[0]!.update(() => commandOf('vote', '', 0, 0));
        server.passes(RACING_LEASE + LATE);
        for (const client of clients) await client.read();
        isRacing = true;
        const process = async (n: number, wanted: readonly (Wish | 'read')[]): Promise<void> => {
          const [client, probe] = [clients[n]!, probes[n]!];
          for (const what of wanted) {
            if (what === 'read') {
              await client.read();
              continue;
            }
            const slot = probe.before(what, server.localMs);
            let isLate = false;
            const { done, sentAtMs, record } = await client.update(() => {
              isLate = (what === 'succeed' || what === 'fail') && client.epoch !== probe.epoch;
              return commandOf(what, slot, client.epoch, probe.epoch, 1);
            });
            if (isLate) expect(done).toBe(false);
            probe.after(what, done, sentAtMs, server.localMs, record?.epoch ?? 0);
            check();
          }
        };
        const world = scheduler.scheduleSequence(
          events.map((happens) => ({
            label: JSON.stringify(happens),
            builder: async () => {
              if (happens.kind === 'pass') server.passes(happens.ms);
              else if (happens.kind === 'lose') server.loses();
              else await server.failsOver(happens.writes);
              check();
            },
          })),
        );
        const processes = all.map((wanted, n) => process(n, wanted));
        await scheduler.waitFor(Promise.all([...processes, world.task]));
      }),
      { numRuns: runs(750) },
    );
  });
});
