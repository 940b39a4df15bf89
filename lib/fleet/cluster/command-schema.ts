import { choice, fields, isRecord, optional, when, type Check, type Checked, type Entries, type Options } from '../../core/check';
import { flag, oneOf, text } from '../../core/options';
import type { Command } from '../shared-store';

const message = <E extends Entries>(entries: E): Check<Options<E>> => fields(entries, 'must be an object');

const number = when<number>(Number.isFinite, 'must be a finite number');

const override = message({ kind: oneOf('forced_open', 'disabled', 'shadow'), remaining: number, reason: optional(text()) });

const sender = {
  process: text(),
  seen: message({
    epoch: number,
    state: oneOf('closed', 'open', 'half_open'),
    remaining: number,
    reopenings: number,
    override: optional(override),
  }),
  alive: number,
  lease: number,
  at: optional(number),
};

const windowLimits = message({ window: oneOf('count', 'time'), size: number, minimumCalls: number, failureRate: number, slowRate: number });
const countLimit = message({ failureThreshold: number });
const limits = choice((given): Check<Checked<typeof windowLimits> | Checked<typeof countLimit>> => (isRecord(given) && 'window' in given ? windowLimits : countLimit));

const counts = message({ calls: number, failures: number, slow: number, streak: number });

const byKind: Readonly<Record<Command['kind'], Check<Command>>> = {
  get: message({ ...sender, kind: oneOf('get'), settings: optional(text()), name: optional(text()) }),
  vote: message({ ...sender, kind: oneOf('vote'), lasts: number, openFor: number, quorum: message({ min: number, ratio: number }) }),
  report: message({ ...sender, kind: oneOf('report'), counts, limits, openFor: number }),
  acquire: message({ ...sender, kind: oneOf('acquire'), slot: text(), probes: number, successes: number }),
  renew: message({ ...sender, kind: oneOf('renew'), slot: text() }),
  release: message({ ...sender, kind: oneOf('release'), slot: text() }),
  result: message({ ...sender, kind: oneOf('result'), slot: text(), success: flag(), successes: number, openFor: number }),
  force: choice((given): Check<Command> => (isRecord(given) && given['act'] === 'override' ? laying : clearing)),
};
const laying = message({ ...sender, kind: oneOf('force'), act: oneOf('override'), override });
const clearing = message({ ...sender, kind: oneOf('force'), act: oneOf('clear', 'close', 'reset') });

const noCommand = when<never>(() => false, 'must be a command');

/**
 * A command as it comes out of a message. Looked at as a whole: what a wrong one would leave in the record of a breaker, all
 * workers would live with.
 */
export const commandSchema: Check<Command> = choice((given) =>
  isRecord(given) && Object.hasOwn(byKind, String(given['kind'])) ? byKind[given['kind'] as Command['kind']] : noCommand,
);
