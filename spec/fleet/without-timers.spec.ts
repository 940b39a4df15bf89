import { BreakerRegistry } from '../../lib';
import { TestFleet, type TestProcess } from './support/fleet';

/** As in Cloudflare Workers: a timer ends with the request that armed it, and a store over HTTP has no messages. */
describe('a process whose timers never fire, with a store that has no messages', () => {
  let fleet: TestFleet;
  let timerless: TestProcess;
  beforeEach(async () => {
    fleet = new TestFleet();
    await fleet.ready(2);
    fleet.isPolled = true;
    const clock = { now: () => fleet.clock.now(), wallTime: () => fleet.clock.wallTime(), setTimeout: () => 0, clearTimeout: () => undefined };
    timerless = fleet.start({}, {}, new BreakerRegistry({ clock, random: () => 0.5 }));
  });

  const call = async (): Promise<string> => {
    await fleet.clock.advance(100);
    const answer = await timerless.attempt();
    await fleet.clock.advance(0);
    return answer;
  };
  const open = async () => {
    fleet.dependency.isUp = false;
    for (const process of fleet.processes.slice(0, 2)) await process.fail();
    await fleet.settle();
    fleet.dependency.isUp = true;
  };

  const hearOfOpening = async () => {
    await call();
    await open();
    await fleet.clock.advance(3000);
    await call();
    await call();
  };

  it('hears of an opening by its next calls', async () => {
    await hearOfOpening();
    expect(await call()).toBe('rejected');
  });

  it('reads no more often than once in a poll interval, and waits for no answer', async () => {
    await call();
    timerless.store.latencyMs = 20;
    timerless.store.commands.length = 0;
    for (let n = 0; n < 100; n++) expect(await call()).toBe('served');
    expect(timerless.store.kinds().filter((kind) => kind === 'read').length).toBeLessThanOrEqual(5);
  });

  it('hears of it also when an answer never came', async () => {
    await call();
    await open();
    timerless.store.mode = 'stuck';
    await fleet.clock.advance(3000);
    for (let n = 0; n < 10; n++) await call();
    timerless.store.mode = 'well';
    await fleet.clock.advance(5000);
    for (let n = 0; n < 4; n++) await call();
    expect(await call()).toBe('rejected');
  });

  it('probes with a slot of the fleet, and follows when it has closed', async () => {
    await hearOfOpening();
    await fleet.clock.advance(8000);
    const answers: string[] = [];
    for (let n = 0; n < 6; n++) answers.push(await call());
    expect(answers).toContain('served');
    expect(timerless.state).toBe('closed');
  });
});
