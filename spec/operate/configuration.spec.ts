import { type Breaker, BreakerRegistry, ConfigurationError, describePipeline, withBreaker, type BreakerOptions } from '../../lib';
import { configure } from '../../lib/operate';
import { addConfiguration, type ConfigurationSet } from '../../lib/operate/configure';
import { fails, scripted } from '../composition/support/flaky';
import { errorOf } from '../support/decorator-fixtures/misuse';

let registry: BreakerRegistry;

beforeEach(() => {
  registry = new BreakerRegistry();
});

const failing = (name: string, options: BreakerOptions = {}) => withBreaker(scripted(fails()), { name, registry, ...options });

const overlay = (options: ConfigurationSet): (() => void) => addConfiguration(registry, options, 'test');

/** What a breaker's options come to. */
function inForce(name: string): { failureThreshold: number; recoveryTimeout: number } {
  const { failureThreshold, recoveryTimeout } = (registry.get(name) as Breaker).settings.options;
  return { failureThreshold, recoveryTimeout };
}

describe('a configuration of a registry', () => {
  it('lays defaults beneath what sites say, and operations over it', () => {
    failing('payments.charge', { failureThreshold: 3 });
    overlay({ defaults: { failureThreshold: 9, recoveryTimeout: '9s' }, operations: { 'payments.refund': { failureThreshold: 1 } } });
    failing('payments.refund', { failureThreshold: 3 });
    failing('users.fetch');
    expect(inForce('payments.charge')).toEqual({ failureThreshold: 3, recoveryTimeout: 9000 });
    expect(inForce('payments.refund')).toEqual({ failureThreshold: 1, recoveryTimeout: 9000 });
    expect(inForce('users.fetch')).toEqual({ failureThreshold: 9, recoveryTimeout: 9000 });
  });

  it('is gone when it is taken back, for operations that are there and for those that come', () => {
    failing('payments.charge', { failureThreshold: 3 });
    const takeBack = overlay({ defaults: { recoveryTimeout: '9s' }, operations: { '*': { failureThreshold: 1 } } });
    failing('payments.refund', { failureThreshold: 3 });
    takeBack();
    takeBack();
    failing('payments.void', { failureThreshold: 3 });
    for (const name of registry.names()) expect(inForce(name)).toEqual({ failureThreshold: 3, recoveryTimeout: 60_000 });
  });

  it.each([
    ['in the order they came', [0, 1]],
    ['in reverse', [1, 0]],
  ])('leaves another layer in force, whatever is taken back first: %s', (_order, order) => {
    failing('payments.charge');
    const layers = [overlay({ operations: { 'payments.*': { failureThreshold: 1 } } }), overlay({ operations: { 'payments.*': { failureThreshold: 2 } } })];
    expect(inForce('payments.charge').failureThreshold).toBe(2);
    layers[order[0]!]!();
    expect(inForce('payments.charge').failureThreshold).toBe(order[0] === 0 ? 2 : 1);
    layers[order[1]!]!();
    expect(inForce('payments.charge').failureThreshold).toBe(5);
  });

  it('covers an earlier word of the operator, and gives way to a later one', () => {
    failing('payments.charge');
    configure(registry, 'payments.*', { failureThreshold: 7 });
    const takeBack = overlay({ operations: { 'payments.*': { failureThreshold: 1 } } });
    expect(inForce('payments.charge').failureThreshold).toBe(1);
    takeBack();
    expect(inForce('payments.charge').failureThreshold).toBe(7);
    overlay({ operations: { 'payments.*': { failureThreshold: 1 } } });
    configure(registry, 'payments.*', { failureThreshold: 8 });
    expect(inForce('payments.charge').failureThreshold).toBe(8);
  });

  it('lets an exact name win over a pattern, in whatever order they stand', () => {
    failing('payments.charge');
    overlay({ operations: { 'payments.charge': { failureThreshold: 2 }, 'payments.*': { failureThreshold: 7 } } });
    expect(inForce('payments.charge').failureThreshold).toBe(2);
  });

  it('replaces what was configured for the breaker alone, where it speaks of the same', () => {
    const { breaker } = failing('payments.charge');
    configure(breaker!, { failureThreshold: 8, recoveryTimeout: '8s' });
    overlay({ operations: { 'payments.*': { failureThreshold: 2 } } });
    expect(inForce('payments.charge')).toEqual({ failureThreshold: 2, recoveryTimeout: 8000 });
  });

  it('leaves what was configured for the breaker alone, where only an earlier word speaks of the same', () => {
    const { breaker } = failing('payments.charge');
    configure(registry, 'payments.*', { recoveryTimeout: '7s' });
    configure(breaker!, { recoveryTimeout: '8s' });
    overlay({ operations: { 'payments.*': { failureThreshold: 2 } } });
    expect(inForce('payments.charge')).toEqual({ failureThreshold: 2, recoveryTimeout: 8000 });
  });

  it('takes no other layer’s defaults along when it is taken back', () => {
    failing('payments.charge');
    const takeBack = overlay({ defaults: { failureThreshold: 9 } });
    overlay({ defaults: { recoveryTimeout: '9s' } });
    takeBack();
    expect(inForce('payments.charge')).toEqual({ failureThreshold: 5, recoveryTimeout: 9000 });
  });

  it('is named as the source of what it says', () => {
    const charge = failing('payments.charge');
    addConfiguration(registry, { operations: { 'payments.*': { failureThreshold: 2 } } }, 'tuning.json');
    addConfiguration(registry, { defaults: { recoveryTimeout: '9s' } }, 'base.json');
    expect(describePipeline(charge)).toMatch(/failureThreshold: 2 \(tuning\.json operations\.payments\.\*\)[\s\S]*recoveryTimeout: 9000 \(base\.json defaults\)/);
  });

  it('names all problems with their paths, and changes nothing', () => {
    failing('payments.charge');
    const error = errorOf(() =>
      overlay({
        defaults: { failureTreshold: 3, name: 'x' } as never,
        operations: { 'payments.*': { failureThreshhold: 3 } as never, 'users.*': { recoveryTimeout: '-1s' as never, key: String }, 'db.*': 3 as never },
      }),
    ) as ConfigurationError;
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.issues.map(({ path }) => path).sort()).toEqual([
      'db.*', 'payments.*.failureThreshhold', 'users.*.key', 'users.*.recoveryTimeout',
    ].map((path) => `operations.${path}`).concat('defaults.failureTreshold', 'defaults.name').sort());
    expect(error.message).toContain('operations.payments.*.failureThreshhold: unknown option; did you mean failureThreshold?');
    expect(inForce('payments.charge').failureThreshold).toBe(5);
  });

  it('refuses operations that are no object', () => {
    expect(() => overlay({ operations: [['payments.*', {}]] as never })).toThrow(/operations: must be an object of breaker options/);
  });

  it('is not moved by later changes of the object it was given', () => {
    const operations = { 'payments.*': { failureThreshold: 2 } };
    overlay({ operations });
    operations['payments.*'].failureThreshold = 9;
    failing('payments.charge');
    expect(inForce('payments.charge').failureThreshold).toBe(2);
  });
});
