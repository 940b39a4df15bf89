import { ConfigurationError } from '../core/errors';
import { Breaker } from '../breaker/breaker';
import { breakerSettings, levelProblems, type BreakerOptions } from '../breaker/options';
import { adopt, beginGeneration } from '../breaker/configure';
import type { BreakerGroup } from './breaker-group';
import { without } from './config';
import { defaultsSchema } from './defaults';
import { equipment, type Equipment } from './equipment';
import { InstanceBreakers } from './instance-breakers';
import { KeyedBreakers } from './keyed-breakers';
import { SingleBreaker } from './single-breaker';

/** Defaults of registries that are right: they are checked at their first use, for a registry does not know the options of breakers. */
const checked = /* @__PURE__ */ new WeakSet<object>();

const breakers: Equipment = {
  beginGeneration(breaker) {
    if (__DEV__) beginGeneration(breaker);
  },

  settings(sources, name) {
    for (const { unchecked } of sources) if (unchecked !== undefined) checkDefaults(unchecked);
    return breakerSettings(sources.map(({ options }) => options), name);
  },

  group(name, settingsNow, sink, made): BreakerGroup {
    const settings = settingsNow();
    const make = (key?: string): Breaker => new Breaker(undefined, { name, key, settings: settingsNow(), sink: sink as never });
    const { key, scope } = settings.options;
    if (key !== undefined) return new KeyedBreakers(name, settings, make, made);
    return scope === 'instance' ? new InstanceBreakers(make, made) : new SingleBreaker(make());
  },

  adopt(breaker, settings, changed) {
    breaker.local &&= without(breaker.local, changed);
    adopt(breaker, breaker.local === undefined ? settings : breakerSettings([...settings.levels, breaker.local], breaker.name));
  },
};

function checkDefaults(defaults: BreakerOptions): void {
  if (checked.has(defaults)) return;
  const issues = levelProblems(defaults, defaultsSchema).map((issue) => ({ ...issue, path: issue.path === '' ? 'defaults' : `defaults.${issue.path}` }));
  if (issues.length > 0) throw new ConfigurationError('new BreakerRegistry', issues);
  checked.add(defaults);
}

/** Lets operations have breakers. */
export function bringBreakers(): void {
  equipment.current ??= breakers;
}

