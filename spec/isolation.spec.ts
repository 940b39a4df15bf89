import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { BreakerRegistry, CircuitBreaker, withBreaker, type Breaker } from '../lib';
import { snapshot } from '../lib/operate';
import { AgingClock } from './support/aging-clock';
import { ManualClock } from './support/manual-clock';
import { readingsOf } from './support/model-comparison';
import './support/real-work';
import { ReferenceBreaker } from './support/reference-breaker';
import type { Outcome } from './support/reference-types';
import { runs } from './support/runs';

type Work = () => Promise<void>;

/** An operation, and what it must be like when nothing but its own calls counts. */
interface Operation {
  readonly label: string;
  readonly alone: ReferenceBreaker;
  readonly call: (work: Work) => Promise<void>;
  /** A keyed operation has its breaker from its first call on. */
  readonly breaker: () => Breaker | undefined;
}

const RECOVERY = 100;

/** Two hundred operations in one registry, named to be mistaken for each other wherever a program allows it. */
class Box {
  readonly clock = new ManualClock();
  readonly registry = new BreakerRegistry({ clock: this.clock });
  readonly operations: readonly Operation[] = [
    ...times(40).map((n) => this.wrapped(AWKWARD_NAMES[n] ?? `orders.step${n}`)),
    ...times(40).map(() => this.wrapped(undefined)),
    ...times(20).flatMap(() => this.decorated()),
    ...times(4).flatMap((n) => this.keyed(`hosts.fetch${n}`)),
  ];

  /** Methods of classes that all have the same name. */
  private decorated(): Operation[] {
    const { registry } = this;
    class Service {
      @CircuitBreaker({ registry, failureThreshold: 1, recoveryTimeout: RECOVERY })
      async download(work: Work): Promise<void> {
        await work();
      }

      @CircuitBreaker({ registry, failureThreshold: 3, recoveryTimeout: RECOVERY })
      async storagePath(work: Work): Promise<void> {
        await work();
      }
    }
    const before = registry.names();
    const service = new Service();
    const added = registry.names().filter((name) => !before.includes(name));
    const operation = (member: 'download' | 'storagePath', failureThreshold: number): Operation => {
      const name = added.find((each) => each.startsWith(`Service.${member}`))!;
      return {
        label: name,
        alone: this.alone(failureThreshold),
        call: (work) => service[member](work),
        breaker: () => registry.get(name) as Breaker | undefined,
      };
    };
    return [operation('download', 1), operation('storagePath', 3)];
  }

  /** Functions of one source; without a name, all of them `fetchUser`. */
  private wrapped(name: string | undefined): Operation {
    const fetchUser = async (work: Work): Promise<void> => work();
    const options = { name, failureThreshold: 2, recoveryTimeout: RECOVERY, registry: this.registry };
    const wrapped = withBreaker(fetchUser, options);
    return { label: wrapped.operation, alone: this.alone(2), call: wrapped, breaker: () => wrapped.breaker };
  }

  /** The keys of one function. */
  private keyed(name: string): Operation[] {
    const wrapped = withBreaker(async (_host: string, work: Work): Promise<void> => work(), {
      name,
      key: (host) => host,
      failureThreshold: 2,
      recoveryTimeout: RECOVERY,
      registry: this.registry,
    });
    const keys = [...AWKWARD_NAMES, ...times(20 - AWKWARD_NAMES.length).map((n) => `10.0.0.${n}`)];
    return keys.map((key) => ({
      label: `${name}[${key}]`,
      alone: this.alone(2),
      call: (work) => wrapped(key, work),
      breaker: () => wrapped.breakers?.get(key),
    }));
  }

  private alone(failureThreshold: number): ReferenceBreaker {
    return new ReferenceBreaker({ failureThreshold, recoveryTimeout: RECOVERY }, new AgingClock(this.clock));
  }
}

const AWKWARD_NAMES = ['__proto__', 'constructor', 'toString', '', 'hosts', 'fetchUser#2', ' ', 'Service.*'];

function times(n: number): number[] {
  return [...Array(n).keys()];
}

const outcome = fc.constantFrom<Outcome>('success', 'failure', 'failure', 'ignored');
const script = fc.array(outcome, { minLength: 1, maxLength: 4 });
const scripts = fc.array(script, { minLength: 200, maxLength: 200 });

describe('two hundred operations of one registry', () => {
  it('each has the state, counts and epoch of its own outcomes alone, however the outcomes interleave', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), scripts, async (scheduler, outcomes) => {
        const box = new Box();
        const run = new Interleaving(scheduler, box.clock);
        box.operations.forEach((operation, n) => outcomes[n]!.forEach((outcome) => run.plan(operation, outcome)));
        times(40).forEach(() => run.planTime(RECOVERY / 2));

        await run.toTheEnd();

        box.operations.forEach(compare);
        expect(new Set(box.operations.map(({ breaker }) => breaker())).size).toBe(200);
      }),
      // Shrinking two hundred scripts and their order tells nothing that the operation's name does not.
      { numRuns: runs(60), endOnFailure: true },
    );
  });
});

/** Calls that begin and end in an order which the scheduler chooses. */
class Interleaving {
  #touched: Operation | undefined;

  constructor(private readonly scheduler: fc.Scheduler, private readonly clock: ManualClock) {}

  plan(operation: Operation, outcome: Outcome): void {
    void this.scheduler.schedule(Promise.resolve(), 'begin').then(() => this.#begin(operation, outcome));
  }

  planTime(ms: number): void {
    void this.scheduler.schedule(Promise.resolve(), 'time passes').then(() => this.clock.advance(ms));
  }

  async toTheEnd(): Promise<void> {
    while (this.scheduler.count() > 0) {
      await this.scheduler.waitOne();
      await reactions();
      if (this.#touched) compare(this.#touched);
    }
  }

  #begin(operation: Operation, outcome: Outcome): void {
    this.#touched = operation;
    const permit = operation.alone.tryAcquire();
    const call = operation.call(async () => {
      await this.scheduler.schedule(Promise.resolve(), 'end');
      this.#touched = operation;
      const error = new Error(operation.label);
      if (permit) operation.alone.settle(permit, outcome, error);
      if (outcome !== 'success') throw outcome === 'failure' ? error : new DOMException('cancelled', 'AbortError');
    });
    // Each call's own end is not what is looked at: the breakers are.
    call.catch(() => undefined);
  }
}

function compare({ label, breaker, alone }: Operation): void {
  const { epoch } = snapshot(breaker()!);
  try {
    deepStrictEqual({ epoch, ...readingsOf(breaker()!) }, { epoch: alone.epoch, ...readingsOf(alone) });
  } catch (cause) {
    throw new Error(`${label} is not as its own outcomes make it`, { cause });
  }
}

/** Until all promise reactions that are due have run. */
function reactions(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
