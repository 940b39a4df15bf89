import { collectWarnings } from '../registry/support/warnings';
import { forEver, TestFleet, type TestProcess } from './support/fleet';
import { forceOpen } from '../../lib/operate';

let fleet: TestFleet;
beforeEach(() => {
  fleet = new TestFleet();
});
const settle = () => fleet.settle();
const openAll = async () => {
  fleet.dependency.isUp = false;
  for (const process of fleet.processes) await process.fail();
  await settle();
};
const inUse = async (ms: number, ...processes: TestProcess[]) => {
  for (let passed = 0; passed < ms; passed += 500) {
    await fleet.clock.advance(500);
    for (const process of processes) await process.attempt();
  }
};

describe('without its store, a process', () => {
  it.each(['refusing', 'stuck'] as const)('goes on with its own breaker: one that is %s', async (mode) => {
    const [first, second] = await fleet.ready(2);
    first!.store.mode = mode;
    await inUse(5000, first!);
    expect(first!.health).toEqual(['down']);
    fleet.dependency.isUp = false;
    await first!.fail();
    expect(first!.state).toBe('open');
    expect(await first!.attempt()).toBe('rejected');
    fleet.dependency.isUp = true;
    await fleet.clock.advance(10_000);
    expect(await first!.attempt()).toBe('served');
    expect(first!.state).toBe('closed');
    expect(second!.health).toEqual([]);
  });

  it.each([
    ['nothing', () => undefined],
    ['no answer', () => ({})],
    ['a time that is none', (answer: unknown) => ({ ...(answer as object), now: NaN })],
    ['no record where there is nothing', (answer: unknown) => ({ ...(answer as object), stored: [null] })],
    ['fewer records than it was asked for', (answer: unknown) => ({ ...(answer as object), stored: [] })],
    ['a revision that is a number', (answer: unknown) => ({ ...(answer as object), stored: [{ revision: 9, value: '' }] })],
  ])('goes on with its own breaker when the store answers %s', async (_name, lie) => {
    const [first] = await fleet.ready(2);
    const { store } = first!;
    store.lie = lie;
    await inUse(5000, first!);
    expect(first!.health).toEqual(['down']);
    fleet.dependency.isUp = false;
    await first!.fail();
    expect(await first!.attempt()).toBe('rejected');
    store.lie = (answer) => answer;
    await inUse(5000, first!);
    expect(first!.health).toEqual(['down', 'up']);
  });

  it('goes on with its own breaker when the store throws at once', async () => {
    const [first] = await fleet.ready(2);
    first!.store.read = () => {
      throw new Error('not connected');
    };
    await inUse(5000, first!);
    expect(first!.health).toEqual(['down']);
  });

  it('lets no call wait, whatever the store does', async () => {
    const [first] = await fleet.ready(2);
    first!.store.mode = 'stuck';
    for (let n = 0; n < 100; n++) {
      const before = fleet.clock.now();
      await first!.attempt();
      expect(fleet.clock.now()).toBe(before);
      await fleet.clock.advance(50);
    }
  });

  it('probes by itself, and only when the open time that was confirmed is over', async () => {
    const processes = await fleet.ready(2);
    fleet.dependency.isUp = false;
    for (const process of processes) await process.fail();
    await settle();
    for (const { store } of processes) store.mode = 'refusing';
    fleet.dependency.calls = 0;
    await inUse(9000, ...processes);
    expect(fleet.dependency.calls).toBe(0);
    fleet.dependency.isUp = true;
    await inUse(2000, ...processes);
    expect(fleet.states()).toEqual(['closed', 'closed']);
  });

  it('probes by itself also when the open time was over as soon as it heard of it', async () => {
    const [first, second] = await fleet.ready(2);
    await openAll();
    await fleet.clock.advance(10_000);
    void (first!.call as (work: () => Promise<void>) => Promise<string>)(() => forEver).catch(() => undefined);
    await settle();
    // What was half open is open again, and due.
    fleet.store.clear();
    await inUse(2500, second!);
    second!.store.mode = 'refusing';
    await inUse(3000, second!);
    fleet.dependency.isUp = true;
    await inUse(12_000, second!);
    expect(second!.state).toBe('closed');
  });

  it('closes with the fleet when it comes back from probing by itself', async () => {
    const [first, second] = await fleet.ready(2);
    await openAll();
    second!.store.mode = 'refusing';
    await inUse(11_000, second!);
    expect(second!.health).toEqual(['down']);
    expect(second!.state).toBe('open');
    fleet.dependency.isUp = true;
    expect(await first!.attempt()).toBe('served');
    second!.store.mode = 'well';
    await fleet.clock.advance(3000);
    expect(second!.state).toBe('closed');
  });

  it('takes over the probing of another, when the store goes while the circuit is half open', async () => {
    const [first, second] = await fleet.ready(2);
    await openAll();
    await fleet.clock.advance(10_000);
    void (first!.call as (work: () => Promise<void>) => Promise<string>)(() => forEver).catch(() => undefined);
    await settle();
    expect(second!.state).toBe('half_open');
    fleet.dependency.isUp = true;
    second!.store.mode = 'refusing';
    await inUse(5000, second!);
    expect(second!.state).toBe('closed');
  });

  it('decides by itself when the store does not take the result of its probe', async () => {
    const [first, second] = await fleet.ready(2);
    await openAll();
    await fleet.clock.advance(10_000);
    fleet.dependency.isUp = true;
    const probe = (first!.call as (work: () => Promise<void>) => Promise<string>)(async () => {
      first!.store.mode = 'refusing';
    });
    expect(await probe).toBe('served');
    await settle();
    expect([first!.state, second!.state]).toEqual(['closed', 'half_open']);
  });

  it('comes back by itself, to what the fleet has come to meanwhile', async () => {
    const [first, second, third] = await fleet.ready(3);
    first!.store.mode = 'refusing';
    await inUse(4000, first!);
    fleet.dependency.isUp = false;
    await second!.fail();
    await third!.fail();
    await settle();
    expect(fleet.states()).toEqual(['closed', 'open', 'open']);
    first!.store.mode = 'well';
    await fleet.clock.advance(3000);
    expect(fleet.states()).toEqual(['open', 'open', 'open']);
    expect(first!.health).toEqual(['down', 'up']);
  });

  it('that had closed by itself is open again when it comes back, until the fleet has probed', async () => {
    const [first, second] = await fleet.ready(2);
    await openAll();
    first!.store.mode = 'refusing';
    await fleet.clock.advance(3000);
    await inUse(8000, first!);
    fleet.dependency.isUp = true;
    await inUse(12_000, first!);
    expect([first!.state, second!.state]).toEqual(['closed', 'half_open']);
    first!.store.mode = 'well';
    await fleet.clock.advance(3000);
    expect(first!.breaker.state).toBe('half_open');
    expect(await first!.attempt()).toBe('served');
    await settle();
    expect(fleet.states()).toEqual(['closed', 'closed']);
  });

  it('says so once, and once when it is over', async () => {
    const [first] = await fleet.ready(2);
    first!.store.mode = 'refusing';
    await inUse(30_000, first!);
    first!.store.mode = 'well';
    await inUse(5000, first!);
    expect(first!.health).toEqual(['down', 'up']);
    expect(first!.sharing.health).toBe('up');
  });

  it('sends it but a test now and then', async () => {
    const [first] = await fleet.ready(2);
    first!.store.mode = 'stuck';
    await inUse(3000, first!);
    first!.store.commands.length = 0;
    await inUse(600_000, first!);
    expect(first!.store.commands.length).toBeLessThan(30);
    expect(new Set(first!.store.kinds())).toEqual(new Set(['read']));
  });

  it('is told at once that the store is back, when its client delivers what it had kept', async () => {
    const [first] = await fleet.ready(2);
    first!.store.mode = 'delivering late';
    await inUse(120_000, first!);
    expect(first!.sharing.health).toBe('down');
    first!.store.deliver();
    await fleet.clock.advance(400);
    expect(first!.sharing.health).toBe('up');
  });
});

describe('a vote that a client delivers late', () => {
  it('does not count', async () => {
    const [first, second] = await fleet.ready(2);
    fleet.dependency.isUp = false;
    first!.store.mode = 'delivering late';
    await first!.fail();
    await settle();
    first!.breaker.reset();
    await fleet.clock.advance(2500);
    first!.store.deliver();
    await settle();
    await second!.fail();
    await settle();
    expect(fleet.states()).toEqual(['closed', 'open']);
  });
});

describe('a store that loses everything', () => {
  it('has it again from who remembers', async () => {
    const [first, second] = await fleet.ready(2);
    await openAll();
    fleet.store.clear();
    await inUse(3000, first!);
    const late = fleet.start();
    await settle();
    expect(late.state).toBe('open');
    expect(late.breaker.retryAfter).toBeCloseTo(second!.breaker.retryAfter, -2);
  });

  it('is told again of a vote, when it knows again who else is alive', async () => {
    const [first, second, third] = await fleet.ready(3);
    fleet.dependency.isUp = false;
    await first!.fail();
    await settle();
    fleet.store.clear();
    fleet.dependency.isUp = true;
    first!.store.commands.length = 0;
    await inUse(6000, first!, second!, third!);
    expect(fleet.states()).toEqual(['open', 'closed', 'closed']);
    expect((await fleet.recordOf('pay'))!.votes).toMatchObject([{ process: expect.stringMatching(/^process 1:/), error: 'Error: down' }]);
    fleet.dependency.isUp = false;
    await second!.fail();
    await settle();
    expect(fleet.states()).toEqual(['open', 'open', 'open']);
  });

  it('gives no slot while an old probe may run', async () => {
    const [first, second] = await fleet.ready(2);
    await openAll();
    fleet.dependency.isUp = true;
    await fleet.clock.advance(10_000);
    fleet.dependency.most = 0;
    void (first!.call as (work: () => Promise<void>) => Promise<string>)(() => forEver).catch(() => undefined);
    await settle();
    fleet.store.clear();
    for (let n = 0; n < 24; n++) {
      await second!.attempt();
      expect(fleet.dependency.most).toBe(1);
      await fleet.clock.advance(200);
    }
    // The loss is noticed when the slot is renewed, and from then on it is one lease.
    await fleet.clock.advance(2000);
    expect(await second!.attempt()).toBe('served');
  });
});

describe('a store that loses everything again and again', () => {
  beforeEach(async () => {
    await fleet.ready(2);
    await openAll();
    fleet.dependency.isUp = true;
    fleet.dependency.calls = 0;
  });
  // Answers of the store come while the dependency is at work.
  const takingTime = () => new Promise<void>((resolve) => {
    fleet.clock.setTimeout(resolve, 50);
  });
  const loseOften = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 500) {
      await fleet.clock.advance(500);
      for (const { call } of fleet.processes) (call as (work: () => Promise<void>) => Promise<string>)(takingTime).catch(() => undefined);
      if (passed % 1000 === 0) fleet.store.clear();
    }
  };

  it('does not keep the circuit open for good: each process probes by itself in the end', async () => {
    await loseOften(14_000);
    expect(fleet.states()).toEqual(['half_open', 'half_open']);
    expect(fleet.dependency.calls).toBe(0);
    await loseOften(10_000);
    expect(fleet.states()).toEqual(['closed', 'closed']);
    fleet.dependency.calls = 0;
    await loseOften(10_000);
    expect(fleet.dependency.calls).toBe(40);
  });

  it('has the processes in step again when it no longer does', async () => {
    await loseOften(30_000);
    await inUse(10_000, ...fleet.processes);
    await openAll();
    expect(fleet.states()).toEqual(['open', 'open']);
    const late = fleet.start();
    await settle();
    expect(late.state).toBe('open');
  });
});

describe('a process that stands still', () => {
  it('does not take that for an outage of the store', async () => {
    const [first] = await fleet.ready(2);
    // The answer is there when the timer is late: both are read in one go.
    first!.store.latencyMs = 250;
    await inUse(4000, first!);
    expect(first!.health).toEqual([]);
  });
});

describe('an operator\'s act that the store does not take', () => {
  it('is an error', async () => {
    const [first] = await fleet.ready(2);
    first!.store.mode = 'refusing';
    await expect(forceOpen(first!.registry, 'pay', { fleet: true })).rejects.toMatchObject({ name: 'StoreUnavailableError', code: 'BREAKER_STORE', operation: 'pay' });
    expect(first!.state).toBe('closed');
  });
});

describe('two processes with different options for one operation', () => {
  it('are told once, with both', async () => {
    const warnings = collectWarnings();
    const first = fleet.start({ failureThreshold: 2 });
    const second = fleet.start({ failureThreshold: 7 });
    await settle();
    await inUse(20_000, first, second);
    expect(warnings.codes()).toEqual(['BREAKER_BOX_FLEET', 'BREAKER_BOX_FLEET']);
    for (const message of warnings.messages()) {
      expect(message).toContain('"failureThreshold":2');
      expect(message).toContain('"failureThreshold":7');
    }
    warnings.stop();
  });
});
