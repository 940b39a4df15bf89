import { BreakerRegistry } from '../../lib';
import { memoryStore } from '../../lib/fleet/memory-store';
import { shareBreakers } from '../../lib/fleet/share-breakers';
import { collectWarnings } from '../registry/support/warnings';
import { TimerClock } from '../support/timer-clock';
import { TestFleet } from './support/fleet';

describe('a sharing that has ended', () => {
  it('is over as well where the store cannot end its subscription', () => {
    const warnings = collectWarnings();
    const clock = new TimerClock();
    const registry = new BreakerRegistry({ clock });
    const store = Object.assign(memoryStore({ clock }), {
      subscribe: () => () => {
        throw new Error('gone');
      },
    });
    shareBreakers(registry, store).stop();
    expect(clock.armed).toBe(0);
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
    for (let n = 0; n < 12; n++) {
      await second!.attempt();
      await fleet.clock.advance(2500);
    }
    expect(warnings.messages().join()).toContain('"probes":3');
    warnings.stop();
  });
});
