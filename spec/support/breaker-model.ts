import fc from 'fast-check';
import { AgingClock } from './aging-clock';
import { ManualClock } from './manual-clock';
import * as commands from './model-commands';
import { ENTRANCES, LISTENING, ModelSubject } from './model-subject';
import type { ReferenceBreaker } from './reference-breaker';
import type { Outcome, Override, ReferenceOptions, ReferenceWindow } from './reference-types';

// Numbers are few and small, so that limits are met exactly and times coincide: that is where faults are.

const rates = {
  failureRate: fc.constantFrom(0.25, 1 / 3, 0.5, 0.75, 1),
  minimumCalls: fc.integer({ min: 1, max: 4 }),
};
const slowness = plainRecord({
  slowCallDuration: fc.constantFrom(10, 50),
  slowCallRate: fc.constantFrom(0.25, 0.5, 1),
});

const countWindow = plainRecord(
  { type: fc.constant('count' as const), size: fc.integer({ min: 4, max: 6 }), ...rates },
  ['type', 'size'],
);
const timeWindow = plainRecord(
  { type: fc.constant('time' as const), duration: fc.constantFrom(100, 200, 500), ...rates },
  ['type', 'duration', 'minimumCalls'],
);

const window: fc.Arbitrary<ReferenceWindow> = fc
  .tuple(fc.oneof(countWindow, timeWindow), fc.option(slowness, { nil: {} }))
  .map(([kind, slow]) => ({ ...kind, ...slow }));
const failureThreshold = fc.oneof(often(9, fc.integer({ min: 1, max: 4 })), fc.constant(Infinity));
const recovery = {
  recoveryTimeout: fc.constantFrom(50, 100, 100, 100, 200, Infinity),
  recoveryBackoff: plainRecord({ factor: fc.constantFrom(1, 2, 3), max: fc.constantFrom(200, 300, 1000) }),
  halfOpen: plainRecord(
    {
      maxCalls: fc.integer({ min: 1, max: 3 }),
      successThreshold: fc.integer({ min: 1, max: 3 }),
      probeTimeout: fc.constantFrom(50, 100, 300),
    },
    [],
  ),
};

const options: fc.Arbitrary<ReferenceOptions> = fc.oneof(
  plainRecord({ failureThreshold, ...recovery }, ['failureThreshold', 'recoveryTimeout']),
  plainRecord({ window, ...recovery }, ['window', 'recoveryTimeout']),
);
const changes: fc.Arbitrary<ReferenceOptions> = fc.oneof(
  plainRecord({ failureThreshold }),
  plainRecord({ window }),
  plainRecord(recovery, []),
);

const outcome = fc.constantFrom<Outcome>('success', 'failure', 'failure', 'ignored');
const override = fc.constantFrom<Override>('forced_open', 'disabled', 'shadow');
const step = fc.constantFrom(0, 1, 9, 10, 11, 49, 50, 51, 99, 100, 101, 200, 500, 5000);

const command: fc.Arbitrary<commands.ModelCommand> = fc.oneof(
  often(12, fc.constantFrom(...ENTRANCES).map((entrance) => new commands.Enter(entrance))),
  often(12, fc.tuple(fc.nat(5), outcome).map(([pick, how]) => new commands.Settle(pick, how))),
  often(8, fc.tuple(outcome, fc.constantFrom(0, 10, 11, 50, 51)).map(([how, ms]) => new commands.RunSync(how, ms))),
  often(5, step.map((ms) => new commands.Advance(ms))),
  often(5, fc.constantFrom(-1, 0, 1).map((past) => new commands.AdvanceToProbe(past))),
  often(2, fc.constant(new commands.Read())),
  fc.constantFrom(-3_600_000, -50, 50, 900, 1001, 3_600_000).map((ms) => new commands.JumpWallTime(ms)),
  fc.constant(new commands.Trip()),
  fc.constant(new commands.Reset()),
  fc.tuple(override, fc.constantFrom(undefined, 50, 100)).map(([kind, ms]) => new commands.LayOver(kind, ms)),
  fc.constant(new commands.ClearOverride()),
  changes.map((change) => new commands.Configure(change)),
  fc.constant(new commands.TakeSnapshot()),
  fc.constant(new commands.Restore()),
  fc.constant(new commands.Restart()),
);

const setting = fc.record({
  options,
  /** Time windows are laid out from the clock's origin, wherever that is. */
  startsAt: fc.constantFrom(0, 12_345, -250),
  listening: fc.constantFrom(...LISTENING),
  readsAlways: fc.boolean(),
});

type Setting = typeof setting extends fc.Arbitrary<infer S> ? S : never;

/** Whatever is done to the library's breaker, it does what the reference does. */
export function breakerFollows(Reference: typeof ReferenceBreaker) {
  const sequences = fc.commands([command], { maxCommands: 60, size: 'max' });
  // The commands come first so that they are shrunk before the setting, in which they may run to another end.
  return fc.asyncProperty(sequences, setting, async (sequence, given) => {
    await fc.asyncModelRun(() => bothSides(Reference, given), sequence);
  });
}

function bothSides(Reference: typeof ReferenceBreaker, given: Setting): { model: commands.Model; real: commands.Real } {
  const { options, startsAt, listening, readsAlways } = given;
  const clock = new ManualClock({ now: startsAt });
  return {
    model: { reference: new Reference(options, new AgingClock(clock)), calls: [] },
    real: { subject: new ModelSubject(options, clock, listening), calls: [], clock, listening, readsAlways },
  };
}

function often<T>(weight: number, arbitrary: fc.Arbitrary<T>): fc.WeightedArbitrary<T> {
  return { weight, arbitrary };
}

/** A record as an object literal makes it: counterexamples then read like the options one writes. */
function plainRecord<T, K extends keyof T>(
  model: { [key in keyof T]: fc.Arbitrary<T[key]> },
  requiredKeys: K[] = Object.keys(model) as K[],
) {
  return fc.record<T, K>(model, { requiredKeys, noNullPrototype: true });
}
