import { decode } from '../../lib/fleet/record';
import { seededRandom } from '../../lib/core/random';
import { TimerClock } from '../support/timer-clock';
import { LATE, LEASE, RacingClient } from './support/racing-client';
import { TroubledServer } from './support/troubled-server';

const VOTERS = 50;
const ROUND_TRIP_MS = 1;

interface Race {
  /** Writes of all, those that were refused and those after the opening as well. */
  readonly writes: number;
  readonly openedAtMs: number;
}

/** Fifty processes whose breakers open within a time, each of which votes as soon as its own has. */
async function race(votesNeeded: number, withinMs: number, seed: number): Promise<Race> {
  const clock = new TimerClock();
  const random = seededRandom(seed);
  const passes = (ms: number): Promise<void> => new Promise((resolve) => { clock.setTimeout(resolve, ms); });
  const server = new TroubledServer(() => passes((ROUND_TRIP_MS / 2) * (0.8 + 0.4 * random())));
  let openedAtMs = NaN;
  server.changed = (stored) => {
    if (stored !== undefined && decode(stored.value)?.state === 'open') openedAtMs = clock.now();
  };
  const clients = Array.from({ length: VOTERS }, (_, n) => new RacingClient(`p${n}`, server, server.times));
  const all = clients.map(async (client) => {
    await client.read();
    await passes(withinMs * random());
    client.participants = VOTERS;
    await client.update(() => ({ kind: 'vote', epoch: 0, lasts: 30_000, quorum: { min: votesNeeded, ratio: 0 } }));
  });
  await clock.advance(2000);
  await Promise.all(all);
  return { writes: clients.reduce((sum, { writes }) => sum + writes, 0), openedAtMs };
}

async function mean(votesNeeded: number, withinMs: number): Promise<Race> {
  const races: Race[] = [];
  for (let seed = 1; seed <= 5; seed++) races.push(await race(votesNeeded, withinMs, seed));
  const of = (value: (race: Race) => number): number => races.reduce((sum, one) => sum + value(one), 0) / races.length;
  return { writes: of(({ writes }) => writes), openedAtMs: of(({ openedAtMs }) => openedAtMs) };
}

// The figures of docs/decisions/0024-fleet-compare-and-set.md.
describe('fifty processes that vote with a round trip of a millisecond', () => {
  it.each([
    // Votes that are needed, milliseconds within which the breakers open; writes of a process, milliseconds until the fleet opens.
    { needed: 2, within: 50, most: 1.1, by: 6 },
    { needed: 3, within: 50, most: 1.2, by: 8 },
    { needed: 5, within: 50, most: 1.3, by: 12 },
    { needed: 2, within: 0, most: 2, by: 4 },
    { needed: 3, within: 0, most: 3, by: 5 },
    { needed: 5, within: 0, most: 5, by: 7 },
    { needed: 25, within: 0, most: 20, by: 30 },
  ])('write $most times each at most where $needed votes are needed, and all trip within $within ms', async ({ needed, within, most, by }) => {
    const { writes, openedAtMs } = await mean(needed, within);
    expect(writes / VOTERS).toBeLessThanOrEqual(most);
    expect(openedAtMs).toBeLessThanOrEqual(by);
  });

  it('write once each when all ask for the one probe slot: who is late is told that it is gone, and need not ask again', async () => {
    const clock = new TimerClock();
    const server = new TroubledServer(() => new Promise<void>((resolve) => { clock.setTimeout(resolve, ROUND_TRIP_MS / 2); }));
    const clients = Array.from({ length: VOTERS }, (_, n) => new RacingClient(`p${n}`, server, server.times));
    const first = new RacingClient('first', server, server.times);
    const opened = first.read().then(() => first.update(() => ({ kind: 'vote', epoch: 0, lasts: 100, quorum: { min: 1, ratio: 0 } })));
    await clock.advance(10);
    await opened;
    server.passes(LEASE + LATE);
    const all = clients.map(async (client) => {
      await client.read();
      return client.update(() => ({ kind: 'acquire', slot: client.name, probes: 1, successes: 1 }));
    });
    await clock.advance(10);
    const outcomes = await Promise.all(all);
    expect(outcomes.filter(({ done }) => done)).toHaveLength(1);
    expect(clients.map(({ writes }) => writes)).toEqual(clients.map(() => 1));
  });
});
