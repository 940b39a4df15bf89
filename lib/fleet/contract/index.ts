import { seededRandom } from '../../core/random';
import type { Record } from '../record';
import { reduce } from '../reduce';
import { FOREVER, STALE_MS, type Answer, type Command } from '../shared-store';
import { Contest, LEASE_MS, type StoreSubject } from './contender';
import { expectThat, expectTrue } from './expectation';
import { randomCommand } from './random-command';

export type { StoreSubject } from './contender';

/** One thing that every {@link SharedStore} does. */
export interface StoreCheck {
  readonly name: string;
  /** Rejects, with what is not so, when the store does not. Checks may run in any order, also on one store, and leave records in it that end by themselves. */
  run(subject: StoreSubject): Promise<void>;
}

const ANY = { min: 1, ratio: 0 };
const TWO = { min: 2, ratio: 0 };

const CHECKS: { readonly [name: string]: (contest: Contest) => Promise<void> } = {
  async 'a breaker that it knows nothing of is closed'(contest) {
    expectThat('the first answer', await contest.process('p').get(), {
      epoch: 0, state: 'closed', remaining: 0, reopenings: 0, override: undefined, done: true, restored: false, processes: 1, votes: 0, reset: false,
    });
  },

  async 'counts the processes that are alive, each once'(contest) {
    for (const one of contest.processes(3)) await one.get();
    expectThat('the third of three, again', await contest.process('p2').get(), { processes: 3 });
    await contest.process('short').get({ alive: 50 });
    await contest.passes(100);
    expectThat('after one has gone', await contest.process('p0').get(), { processes: 3 });
  },

  async 'opens when as many have voted as the quorum asks for'(contest) {
    const [one, two, three] = contest.processes(3) as [Peer, Peer, Peer];
    for (const each of [one, two, three]) await each.get();
    const quorum = { min: 1, ratio: 0.5 };
    expectThat('the first vote', await one.vote({ quorum }), { state: 'closed', done: true, votes: 1 });
    expectThat('the same again', await one.vote({ quorum }), { state: 'closed', done: true, votes: 1 });
    const opened = await two.vote({ quorum, openFor: 10_000 });
    expectThat('the second vote', opened, { state: 'open', done: true, remaining: 10_000, reopenings: 0, votes: 0 });
    const seen = await three.get();
    expectThat('a third process', seen, { state: 'open', epoch: opened.epoch });
    expectTrue('it is open no longer than it was told to', seen.remaining > 0 && seen.remaining <= 10_000);
  },

  async 'one process alone is quorum enough, when the store has known the breaker for a lease'(contest) {
    const one = contest.process('p');
    const quorum = { min: 2, ratio: 1 };
    await one.get();
    expectThat('its vote at first', await one.vote({ quorum }), { state: 'closed', done: true });
    await contest.passes(LEASE_MS + 50);
    expectThat('its vote', await one.vote({ quorum }), { state: 'open' });
  },

  async 'a vote or report of another epoch changes nothing'(contest) {
    const [one, two] = contest.processes(2) as [Peer, Peer];
    await one.get();
    await two.get();
    await one.override({ kind: 'disabled', remaining: FOREVER });
    await one.force('close');
    expectThat('a vote', await two.vote({ quorum: ANY }), { state: 'closed', done: false });
    two.seen = { ...two.seen, epoch: 1 };
    expectThat('a report', await two.report({ calls: 9, failures: 9, streak: 9 }, { failureThreshold: 1 }), { state: 'closed', done: false });
  },

  async 'counts of all processes are one, also when they are reported at once'(contest) {
    const all = contest.processes(10);
    for (const one of all) await one.get();
    const limits = { window: 'count', size: 1000, minimumCalls: 20, failureRate: 0.5, slowRate: 2 } as const;
    const answers = await Promise.all(all.map((one) => one.report({ calls: 2, failures: 1 }, limits)));
    expectTrue('the last of ten reports of two calls opens it', answers.filter(({ state }) => state === 'open').length === 1);
  },

  async 'a streak of failures is over with the first success of any process'(contest) {
    const [one, two] = contest.processes(2) as [Peer, Peer];
    const limits = { failureThreshold: 5 };
    await one.get();
    await two.get();
    await one.report({ calls: 4, failures: 4, streak: 4 }, limits);
    expectThat('after a success', await two.report({ calls: 1 }, limits), { state: 'closed' });
    expectThat('four more', await one.report({ calls: 4, failures: 4, streak: 4 }, limits), { state: 'closed' });
    expectThat('the fifth', await two.report({ calls: 1, failures: 1, streak: 1 }, limits), { state: 'open' });
  },

  async 'gives no slot while it is closed, or open, and says how long that is'(contest) {
    const one = contest.process('p');
    await one.get();
    expectThat('while closed', await one.acquire('a'), { state: 'closed', done: false, wait: 0 });
    await one.vote({ quorum: ANY, openFor: 10_000 });
    const refused = await one.acquire('a');
    expectThat('while open', refused, { state: 'open', done: false });
    expectTrue('the wait is what is left of the open time', refused.wait === refused.remaining && refused.wait > 0);
  },

  async 'a breaker that it knows nothing of gives no slot before one could have ended'(contest) {
    const one = contest.process('p');
    await one.vote({ quorum: ANY, openFor: 0 });
    const refused = await one.acquire('a');
    expectThat('at once', refused, { state: 'open', done: false });
    expectTrue('it is to wait', refused.wait > 0 && refused.wait <= LEASE_MS);
    await contest.passes(LEASE_MS + 50);
    expectThat('later', await one.acquire('a'), { state: 'half_open', done: true });
  },

  async 'one of many that ask at once gets the slot'(contest) {
    const all = await contest.due();
    const asked = Array.from({ length: 20 }, (_, n) => all[n % all.length]!.acquire(`slot ${n}`));
    const answers = await Promise.all(asked);
    expectTrue('exactly one has it', answers.filter(({ done }) => done).length === 1);
    expectTrue('all see it half open', answers.every(({ state }) => state === 'half_open'));
  },

  async 'no more slots than are needed'(contest) {
    const [one] = await contest.due() as [Peer];
    const room = { probes: 3, successes: 2 };
    expectThat('the first', await one.acquire('a', room), { done: true });
    expectThat('the second', await one.acquire('b', room), { done: true });
    expectThat('the third', await one.acquire('c', room), { done: false });
    expectThat('the first again', await one.acquire('a', room), { done: true });
    expectThat('a success', await one.result('a', true, { successes: 2 }), { state: 'half_open', done: true });
    expectThat('a third, with one success', await one.acquire('c', room), { done: false });
    expectThat('the second success', await one.result('b', true, { successes: 2 }), { state: 'closed', done: true });
  },

  async 'a slot that is not renewed is another one\'s when it has ended, not sooner'(contest) {
    const [one, two] = await contest.due() as [Peer, Peer];
    await one.acquire('a');
    const refused = await two.acquire('b');
    expectThat('before', refused, { done: false });
    expectTrue('it is told when', refused.wait > 0 && refused.wait <= LEASE_MS);
    await contest.passes(LEASE_MS + 50);
    expectThat('the old one', await one.renew('a'), { done: false });
    expectThat('after', await two.acquire('b'), { done: true });
    expectThat('a late result', await one.result('a', true), { state: 'half_open', done: false });
  },

  async 'a slot that is renewed lasts'(contest) {
    const [one, two] = await contest.due() as [Peer, Peer];
    await one.acquire('a');
    for (let times = 0; times < 3; times++) {
      await contest.passes(LEASE_MS / 2);
      expectThat('renewed', await one.renew('a'), { done: true });
    }
    expectThat('another', await two.acquire('b'), { done: false });
  },

  async 'a slot that is given back is free'(contest) {
    const [one, two] = await contest.due() as [Peer, Peer];
    await one.acquire('a');
    expectThat('given back', await one.release('a'), { done: true });
    expectThat('once more', await one.release('a'), { done: false });
    expectThat('another', await two.acquire('b'), { done: true });
  },

  async 'a probe that succeeded closes it, once'(contest) {
    const [one, two] = await contest.due() as [Peer, Peer];
    const { epoch } = await one.acquire('a');
    const closed = await one.result('a', true);
    expectThat('the result', closed, { state: 'closed', done: true, remaining: 0 });
    expectTrue('the epoch grows', closed.epoch > epoch);
    expectThat('the same result again', await one.result('a', true), { state: 'closed', done: false, epoch: closed.epoch });
    expectThat('another process', await two.get(), { state: 'closed', epoch: closed.epoch });
  },

  async 'a probe that failed opens it again, and counts'(contest) {
    const [one] = await contest.due() as [Peer];
    for (const reopenings of [1, 2]) {
      await one.acquire('a');
      expectThat('the result', await one.result('a', false, { openFor: 1 }), { state: 'open', done: true, reopenings });
      await contest.passes(20);
    }
    await one.acquire('a');
    await one.result('a', true);
    await one.vote({ quorum: ANY });
    expectThat('the next outage', await one.get(), { state: 'open', reopenings: 0 });
  },

  async 'slots that a transition took away keep others out until they would have ended'(contest) {
    const [one, two] = await contest.due() as [Peer, Peer];
    const room = { probes: 2, successes: 2 };
    await one.acquire('a', room);
    await two.acquire('b', room);
    await one.result('a', false, { openFor: 0 });
    expectThat('while b may run', await one.acquire('c', room), { state: 'open', done: false });
    await contest.passes(LEASE_MS + 50);
    expectThat('afterwards', await one.acquire('c', room), { done: true });
  },

  async 'what an operator laid over it is told to all, and ends'(contest) {
    const [one, two] = contest.processes(2) as [Peer, Peer];
    await one.get();
    await one.override({ kind: 'forced_open', remaining: 1000, reason: 'a "reason" ☂' });
    const told = await two.get();
    expectThat('the override', told.override ?? {}, { kind: 'forced_open', reason: 'a "reason" ☂' });
    expectTrue('it has an epoch, to be restored by', told.epoch > 0);
    await contest.passes(1050);
    expectThat('when its time is over', await two.get(), { override: undefined, state: 'closed' });
    await two.override({ kind: 'disabled', remaining: FOREVER });
    expectThat('one without an end', (await one.get()).override ?? {}, { kind: 'disabled', remaining: FOREVER });
    await one.force('clear');
    expectThat('when it is taken away', await two.get(), { override: undefined });
  },

  async 'an operator\'s reset closes it, and is told of until something happens'(contest) {
    const [one, two] = await contest.due() as [Peer, Peer];
    await one.override({ kind: 'forced_open', remaining: FOREVER });
    expectThat('the reset', await one.force('reset'), { state: 'closed', done: true, reset: true, override: undefined });
    expectThat('another process', await two.get(), { state: 'closed', reset: true });
    await two.vote({ quorum: ANY });
    expectThat('the next time', await one.get(), { state: 'open', reset: false });
  },

  async 'what it has lost it takes from whoever has it confirmed'(contest) {
    const override = { kind: 'shadow', remaining: FOREVER } as const;
    const confirmed = { epoch: 9e15 - 5, state: 'open', remaining: 5000, reopenings: 3, override } as const;
    const one = contest.process('p');
    one.seen = confirmed;
    expectThat('the answer', await one.get(), { ...confirmed, restored: true, done: true });
    expectThat('another process', await contest.process('q').get(), { epoch: confirmed.epoch, state: 'open', reopenings: 3, override, restored: false });
  },

  async 'what was half open is open again, and due when the probes that it lost have ended'(contest) {
    const one = contest.process('p');
    one.seen = { epoch: 9e15 - 5, state: 'half_open', remaining: 0, reopenings: 1 };
    const lost = await one.acquire('a');
    expectThat('at once', lost, { state: 'open', done: false, restored: true, remaining: 0 });
    expectTrue('under an epoch of its own', lost.epoch > 9e15 - 5);
    expectTrue('it is to wait', lost.wait > 0 && lost.wait <= LEASE_MS);
    await contest.passes(LEASE_MS + 50);
    expectThat('afterwards', await one.acquire('a'), { state: 'half_open', done: true });
  },

  async 'a vote, report, request or act that is too old is not done'(contest) {
    const one = contest.process('p');
    const { now } = await one.get();
    expectThat('a vote', await one.vote({ quorum: ANY, at: now - STALE_MS - 1 }), { state: 'closed', done: false, votes: 0 });
    expectThat('an act', await one.send({ kind: 'force', act: 'reset', at: now - STALE_MS - 1 }), { done: false, reset: false });
    expectThat('one of now', await one.vote({ quorum: ANY, at: now }), { state: 'open', done: true });
  },

  async 'tells each of two processes what the other has set its breaker to'(contest) {
    const [one, two] = contest.processes(2) as [Peer, Peer];
    expectThat('the first', await one.get({ settings: '{"a":1}' }), { settings: undefined });
    expectThat('the second', await two.get({ settings: '{"a":2}' }), { settings: '{"a":1}' });
    expectThat('the first, again', await one.get({ settings: '{"a":1}' }), { settings: '{"a":2}' });
    await two.get({ settings: '{"a":1}' });
    expectThat('the same', await two.get({ settings: '{"a":1}' }), { settings: '{"a":2}' });
  },

  async 'keeps breakers apart, whatever their names'(contest) {
    const names = ["a", 'A', "a-_.!~*'()%2F=/", 'x'.repeat(150)].map((name) => `${contest.breaker}${name}`);
    for (const [n, name] of names.entries()) {
      const one = contest.process('p', name);
      await one.get();
      await one.vote({ quorum: ANY, openFor: 1_000_000 * (n + 1) });
    }
    for (const [n, name] of names.entries()) {
      const { remaining } = await contest.process('q', name).get();
      expectTrue(`${name} has what is its own`, remaining > 1_000_000 * n && remaining <= 1_000_000 * (n + 1));
    }
  },

  async 'tells subscribers of each transition, and of nothing else'(contest) {
    const { changes, end } = contest.listen();
    const [one, two] = contest.processes(2) as [Peer, Peer];
    const epochs: number[] = [];
    try {
      // A subscription may take its time: what is told before it is there is lost.
      let isHeard = false;
      for (let tries = 0; tries < 20 && !isHeard; tries++) {
        await one.force('reset');
        isHeard = await contest.hears(() => changes.length > 0, 200);
      }
      expectTrue('a reset is told', isHeard);
      changes.length = 0;
      await two.get();
      epochs.push((await one.override({ kind: 'disabled', remaining: 1000 })).epoch);
      await one.vote({ quorum: TWO });
      epochs.push((await two.vote({ quorum: TWO })).epoch);
      await contest.hears(() => changes.length >= 2);
      expectThat('the changes', { changes }, { changes: [
        { v: 1, breaker: contest.breaker, epoch: epochs[0], override: true },
        { v: 1, breaker: contest.breaker, epoch: epochs[1] },
      ] });
    } finally {
      end();
    }
    await one.force('reset');
    await contest.passes(100);
    expectTrue('who has ended it hears nothing more', changes.length === 2);
  },

  async 'does what `reduce` does, command by command'(contest) {
    const random = seededRandom(5);
    const all = contest.processes(3);
    let record: Record | undefined;
    for (let n = 0; n < 400; n++) {
      const one = all[Math.floor(random() * all.length)]!;
      const act = randomCommand(random);
      const { seen } = one;
      const answer = await one.send(act);
      const command = { process: one.name, seen, ...act } as Command;
      const expected = reduce(record, command, microsOf(answer));
      record = expected.record;
      expectThat(`command ${n}, ${act.kind}`, answer, { ...expected.answer, override: expected.answer.override, settings: expected.answer.settings });
      if (random() < 0.3) await contest.passes(Math.floor(random() * 25));
    }
  },
};

/** A new epoch tells the store's clock more exactly than the answer. */
function microsOf({ epoch, now }: Answer): number {
  return Math.floor(epoch / 1000) === now ? epoch : now * 1000;
}

type Peer = ReturnType<Contest['process']>;

/**
 * What every {@link SharedStore} does: for the tests of a store of your own, with any runner. They take some seconds where time is real.
 *
 * @example for (const { name, run } of storeContract) test(name, () => run({ store: myStore(...) }));
 */
export const storeContract: readonly StoreCheck[] = Object.entries(CHECKS).map(([name, check]) => ({
  name,
  run: (subject) => check(new Contest(subject)),
}));
