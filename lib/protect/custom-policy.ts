import type { Args, Call } from '../core/call';
import { isThenable } from '../core/call-safely';
import { options as optionsOf, resolve } from '../core/check';
import { systemClock, type Clock } from '../core/clock';
import { ConfigurationError, invalid, type ConfigurationIssue } from '../core/errors';
import { commonOptions, type CommonOptions } from '../core/options';
import { policyOf, Refusal, type Driver, type Guard, type LayerContext, type Permit, type Policy, type Run } from '../core/policy';
import { systemRandom, type Random } from '../core/random';
import { rejected } from '../core/run';
import { propertyOf } from '../core/safe-inspect';
import { eachItem } from '../core/stream';
import { bringCounters } from '../registry/counter';

/** The operation that a custom policy protects, as the policy sees it. */
export interface PolicyContext {
  /** The operation's name. */
  readonly operation: string;
  /** The policy's own clock, else the registry's, else the system's. */
  readonly clock: Clock;
  /** The policy's own source of randomness, else the registry's, else `Math.random`. */
  readonly random: Random;
}

const schema = /* @__PURE__ */ optionsOf(commonOptions);

/**
 * A policy of your own, for the array form of `withPolicies` and of `@Resilient`. It may stand anywhere beside the policies of this package.
 *
 * @param policyName - As `getPolicies` and `describePipeline` show it; any but `breaker`, which an operation has by itself.
 * @param bind - Makes its {@link Guard} or {@link Driver}, which holds the state of the policy. Called once for each protected function and
 *   registry, at the first call there.
 * @param options - What all policies can be given: `name`, `registry`, `clock`, `random`, `signal`, `stream`.
 * @throws {@link ConfigurationError} when the name or `bind` is wrong; for the options, where the policy is applied; for what `bind`, its driver or its
 *   guard gives, at each call.
 */
export function customPolicy(policyName: string, bind: (context: PolicyContext) => Guard | Driver, options: CommonOptions = {}): Policy {
  check(policyName, bind);
  return policyOf(
    {
      policy: policyName,
      equip: bringCounters,
      resolve: (given, subject) => resolve(schema, given, subject),
      bind: (own, context) => guardOrDriver(policyName, bind(contextOf(own, context)), context),
    },
    options,
  );
}

function contextOf(own: CommonOptions, { operation, clock, random }: LayerContext): PolicyContext {
  return { operation, clock: own.clock ?? clock ?? systemClock, random: own.random ?? random ?? systemRandom };
}

/** @throws {@link ConfigurationError} when it is neither. */
function guardOrDriver(policyName: string, bound: Guard | Driver, { isSync }: LayerContext): Guard | Driver {
  if (typeof bound === 'function') return foreignDriver(policyName, bound, isSync === true);
  const { admit, deny, blockedMs } = (bound ?? {}) as Partial<Guard>;
  const isGuard = typeof admit === 'function' && typeof deny === 'function' && (blockedMs === undefined || typeof blockedMs === 'function');
  return isGuard ? new CheckedGuard(policyName, bound) : refuse(policyName, bound, __DEV__ && 'must give a guard (with admit, deny and, if it likes, blockedMs), or a driver (a function that is given what to run)');
}

/** A user's own guard may give anything: a call that it would leave without an end is refused. */
class CheckedGuard implements Guard {
  constructor(
    private readonly policyName: string,
    readonly checked: Guard,
  ) {}

  admit(call: Call, self: unknown, args: Args): Permit | undefined {
    const permit: unknown = this.checked.admit(call, self, args);
    if (permit === undefined || isPermit(permit)) return permit;
    return refuse(this.policyName, permit, __DEV__ && 'must give a permit (with success, failure and ignore), or undefined', 'admit');
  }

  deny(call: Call, self: unknown, args: Args, mayWait?: boolean): Refusal | Promise<Permit | Refusal> {
    const answer: unknown = this.checked.deny(call, self, args, mayWait);
    return isThenable(answer) ? Promise.resolve(answer).then((later) => (isPermit(later) ? later : this.#refusal(later))) : this.#refusal(answer);
  }

  #refusal(answer: unknown): Refusal {
    if (answer instanceof Refusal) return answer;
    return refuse(this.policyName, answer, __DEV__ && 'must give a Refusal, or a promise of a permit or a Refusal', 'deny');
  }
}

function isPermit(value: unknown): value is Permit {
  return ['success', 'failure', 'ignore'].every((end) => typeof propertyOf(value, end) === 'function');
}

/** A driver whose layer is looked at when the pipeline is composed, at its first call. */
function foreignDriver(policyName: string, bound: Driver, isSync: boolean): Driver {
  const driver: Driver = (next, inside) => {
    const layer = bound(next, inside) as Partial<Run> | undefined;
    if (typeof layer?.run !== 'function') refuse(policyName, layer, __DEV__ && 'must give a driver that returns a layer (an object with run)');
    return isSync ? (layer as Run) : rejecting(layer as Run);
  };
  Object.assign(driver, bound);
  return bound.eachItem === true ? eachItem(driver) : driver;
}

/** A user's own layer may throw, or return what is no promise: the layers around it count on one. */
function rejecting(layer: Run): Run {
  return {
    run(call, self, args) {
      try {
        return Promise.resolve(layer.run(call, self, args));
      } catch (thrown) {
        return rejected(thrown);
      }
    },
  };
}

function refuse(policyName: string, received: unknown, message: string | false, path = 'bind'): never {
  throw invalid(`customPolicy(${policyName})`, path, received, message);
}

function check(policyName: unknown, bind: unknown): void {
  const issues: ConfigurationIssue[] = [];
  if (typeof policyName !== 'string' || policyName === '' || policyName === 'breaker') {
    issues.push({ path: 'policyName', message: __DEV__ ? "must be a name other than 'breaker'" : 'invalid', received: policyName });
  }
  if (typeof bind !== 'function') issues.push({ path: 'bind', message: __DEV__ ? 'must be a function that makes a guard or a driver' : 'invalid', received: bind });
  if (issues.length > 0) throw new ConfigurationError('customPolicy', issues);
}
