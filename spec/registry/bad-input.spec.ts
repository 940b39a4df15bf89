import { breakerOf, type BreakerOptions, BreakerRegistry, withBreaker, withRegistry } from '../../lib';
import { configure, restore } from '../../lib/operate';
import { errorOf } from '../support/decorator-fixtures/misuse';

/** What a person reads. */
const messageOf = (act: () => unknown): string => (errorOf(act) as Error).message;

describe('what a registry says of bad input', () => {
  it('names the call, what is wrong, what was given and what is allowed', () => {
    const registry = new BreakerRegistry();
    withBreaker(async (_host: string) => undefined, { name: 'hosts', key: (host) => host, registry });

    expect([
      messageOf(() => breakerOf('new', undefined, new BreakerRegistry({ defaults: { failureThreshold: 0 } }))),
      messageOf(() => new BreakerRegistry({ defaults: 5 } as never)),
      messageOf(() => new BreakerRegistry({ clock: 5 } as never)),
      messageOf(() => breakerOf(5 as never, undefined, registry)),
      messageOf(() => breakerOf('new', { scope: 'instance' }, registry)),
      messageOf(() => breakerOf('hosts', undefined, registry)),
      messageOf(() => {
        configure(registry, null as never, {});
      }),
      messageOf(() => {
        restore(registry, { version: 2, breakers: {} } as never);
      }),
      messageOf(() => {
        restore(registry, { version: 1, breakers: [{}] } as never);
      }).split('\n')[0],
      messageOf(() => withRegistry({} as never, 'now' as never)),
    ]).toEqual([
      'new BreakerRegistry: defaults.failureThreshold: must be an integer >= 1, or Infinity; received 0',
      'new BreakerRegistry: defaults: must be an object of breaker options; received 5',
      'new BreakerRegistry: clock: must be a clock (with now, setTimeout, clearTimeout); received 5',
      'breakerOf: name: must be a string; received 5',
      "breakerOf('new'): scope: a single breaker serves all calls: protect a function or method to have several; received 'instance'",
      "The operation name 'hosts' is taken: it has one breaker per key or instance",
      'configure: pattern: must be a string, or an object of breaker options by name or pattern; received null',
      `restore of the registry:
  - version: must be 1, the version that this breaker-box reads; received 2
  - breakers: must be a list of breaker snapshots; received {}`,
      'restore of the registry, breakers.0:',
      `withRegistry:
  - registry: must be a BreakerRegistry; received {}
  - fn: must be a function; received 'now'`,
    ]);
  });

  it('tells two sites that do not agree all the options that differ', () => {
    const registry = new BreakerRegistry();
    const share = (options: BreakerOptions) => withBreaker(async () => undefined, { name: 'shared', registry, ...options });
    share({ failureThreshold: 2 });
    const message = messageOf(() => share({ failureThreshold: 3, recoveryTimeout: '1s' }));
    expect(message.replaceAll(/at \S*bad-input\.spec\.ts:\d+:\d+/g, 'at a line of this file')).toBe(
      "The operation name 'shared' is taken: another site gave other values: failureThreshold: 2, recoveryTimeout: 60000 at a line of this file, and failureThreshold: 3, recoveryTimeout: 1000 at a line of this file",
    );
    expect(new Set(message.match(/spec\.ts:\d+:\d+/g)).size).toBe(2);
  });

  it('tells a site with an explicit name that it is derived already', () => {
    const registry = new BreakerRegistry();
    const held = withBreaker(async function fetchUser() {}, { registry });
    expect(messageOf(() => withBreaker(async () => undefined, { name: held.operation, registry }))).toMatch(
      /^The operation name 'fetchUser' is taken: another site has it as a derived name, at \S*bad-input\.spec\.ts:\d+:\d+; this one is at \S*bad-input\.spec\.ts:\d+:\d+$/,
    );
  });
});
