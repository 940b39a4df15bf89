import type { Driver, Guard, LayerContext, PolicyKind, Run } from '../core/policy';
import { reactedTo, type Runner } from '../core/runner';

/** A policy with its state, until all policies are guards and drivers. */
export function bridged(kind: PolicyKind, options: unknown, context: LayerContext): Guard | Driver {
  return kind.bind === undefined ? (next, inside) => kind.layer!(options, asRunner(next, inside), context) : kind.bind(options, context);
}

function asRunner(next: Run, inside: readonly Guard[]): Runner {
  return {
    run: (call, self, args, onSuccess, onFailure) => reactedTo(next.run(call, self, args), onSuccess, onFailure),
    blockedForMs: (self, args) => Math.max(0, ...inside.map((guard) => guard.blockedMs?.(self, args) ?? 0)),
  };
}
