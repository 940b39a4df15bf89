import type { LayerContext } from '../core/policy';
import { promises } from '../core/run';
import { reactedTo, type Runner } from '../core/runner';
import { streams } from '../core/stream';
import type { ResolvedTimeoutOptions } from './options';
import { timing } from './timeout';

/** A timeout of a retry around each attempt, until the retry brings a policy of its own. */
export function timeoutLayer(options: Pick<ResolvedTimeoutOptions, 'duration' | 'mode' | 'clock'>, next: Runner, context: LayerContext): Runner {
  const run = (context.isStream ? streams : promises).drive(timing(options, context), next, []);
  return {
    run: (call, self, args, onSuccess, onFailure) => reactedTo(run.run(call, self, args), onSuccess, onFailure),
    blockedForMs: (self, args) => next.blockedForMs(self, args),
  };
}
