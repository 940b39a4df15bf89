import { BreakerRegistry, withBreaker } from '../../lib';
import { memoryStore, shareBreakers, type Answer, type Command, type SharedStore } from '../../lib/sharing';
import { collectWarnings } from '../registry/support/warnings';
import { TimerClock } from '../support/timer-clock';
import { forEver, TestFleet } from './support/fleet';

const clock = new TimerClock();

class OddStore implements SharedStore {
  apply: (breaker: string, command: Command) => Promise<Answer> = () => forEver;
  subscribe: SharedStore['subscribe'] = () => () => undefined;
}

function share(store: SharedStore, options = {}) {
  const registry = new BreakerRegistry({ clock });
  const told: (readonly [string, unknown])[] = [];
  registry.on('store', ({ health, error }) => told.push([health, error]));
  const call = withBreaker(async () => 'served', { name: 'pay', registry });
  const sharing = shareBreakers(registry, store, options);
  return { registry, told, call, sharing };
}

describe('a store that answers with something else than an answer', () => {
  it.each([undefined, null, 'OK', {}, { epoch: 1, state: 'ajar' }, { epoch: NaN, state: 'open', remaining: 1, reopenings: 0, now: 1 }])('is away: %j', async (answer) => {
    const store = new OddStore();
    store.apply = async () => answer as never;
    const { told, call, sharing } = share(store);
    await clock.advance(0);
    expect(told).toEqual([['down', expect.objectContaining({ message: expect.stringContaining('something else than an answer') })]]);
    expect(await call()).toBe('served');
    sharing.stop();
  });
});

describe('a sharing that has ended', () => {
  it('asks a store no more that is away, and says nothing of it', async () => {
    const store = new OddStore();
    const { told, sharing } = share(store);
    let commands = 0;
    store.apply = async () => {
      commands++;
      throw new Error('closed');
    };
    sharing.stop();
    await clock.advance(60_000);
    expect({ told, commands, armed: clock.armed }).toEqual({ told: [], commands: 0, armed: 0 });
  });

  it('is over as well where the store cannot end its subscription', () => {
    const warnings = collectWarnings();
    const store = new OddStore();
    store.subscribe = () => () => {
      throw new Error('gone');
    };
    const { registry, sharing } = share(store);
    sharing.stop();
    expect(clock.armed).toBe(1); // of the command that is under way
    expect(warnings.messages()).toEqual([expect.stringContaining('The end of a subscription threw')]);
    shareBreakers(registry, memoryStore({ clock })).stop();
    warnings.stop();
  });

  it('lets a probe go on that runs, as long as it takes', async () => {
    const fleet = new TestFleet();
    const [first, second] = await fleet.ready(2, {}, { lease: '2s' });
    fleet.dependency.isUp = false;
    for (const process of fleet.processes) await process.fail();
    await fleet.clock.advance(10_000);
    fleet.dependency.isUp = true;
    let finish = (): void => undefined;
    const work = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const probe = (first!.call as (work: () => Promise<void>) => Promise<string>)(() => work);
    await fleet.clock.advance(0);
    first!.sharing.stop();
    await fleet.clock.advance(5000);
    expect(await second!.attempt()).toBe('rejected');
    finish();
    expect(await probe).toBe('served');
    await fleet.clock.advance(0);
    expect(first!.state).toBe('closed');
  });
});

describe('a registry that is shared again, in another way', () => {
  it('is told of the options that differ now', async () => {
    const fleet = new TestFleet();
    const [first, second] = await fleet.ready(2);
    first!.sharing.stop();
    const warnings = collectWarnings();
    shareBreakers(first!.registry, fleet.store, { probes: 3 });
    await fleet.clock.advance(0);
    await second!.attempt();
    await fleet.clock.advance(2500);
    expect(warnings.messages().join()).toContain('"probes":3');
    warnings.stop();
  });
});
