import { enableCallContext, BreakerRegistry, withRegistry } from '../../lib';
import { version } from '../../lib/core/shared';

it('withRegistry lets pipelines be composed again at its first use alone, also after enableCallContext', () => {
  const registry = new BreakerRegistry();
  enableCallContext();
  const before = version.current;
  withRegistry(registry, () => undefined);
  expect(version.current).toBe(before + 1);
  withRegistry(registry, () => undefined);
  enableCallContext();
  expect(version.current).toBe(before + 1);
});
