import { setTimeout as sleep } from 'node:timers/promises';
import { formatDuration, toMs } from '../core/options';
import { closest } from '../core/unknown-option';
import type { OverrideKind } from '../breaker/events';
import { FOREVER } from '../fleet/record';
import { sharedName } from '../fleet/shared-name';
import { statusesOf, type BreakerStatus } from './breaker-status';
import { connect, type Address } from './connection';
import { Failure } from './failure';
import { Fleet, type Act, type Look, type Process } from './fleet';
import { isOpen, nameOf, someOf, sorted, statusText } from './status';
import type { Terminal } from './terminal';
import { printable } from './text';

interface StoreOptions extends Address {
  readonly prefix: string;
  readonly json?: boolean;
}

export interface StatusOptions extends StoreOptions {
  /** The time between two looks. */
  readonly watch?: string | true;
  readonly exitCode?: boolean;
}

export interface ActOptions extends StoreOptions {
  readonly key?: string;
  readonly allKeys?: boolean;
  readonly new?: boolean;
  readonly for?: string;
  readonly reason?: string;
}

/** What `--exit-code` makes of something that is open. */
const SOMETHING_IS_OPEN = 3;
/** By default, processes tell of themselves every two seconds, and are taken for gone after six. */
const HEARD_WITHIN_MS = 7000;
const LOOK_AGAIN_MS = 200;
const LONGEST_REASON = 200;

export async function status(operation: string | undefined, options: StatusOptions, terminal: Terminal): Promise<number> {
  const everyMs = options.watch === undefined ? undefined : lasting(options.watch === true ? '2s' : options.watch, '--watch');
  return withFleet(options, async (fleet) => {
    for (;;) {
      const found = ofOperation(operation, await fleet.look(), fleet);
      if (options.json === true) terminal.out(JSON.stringify({ operations: sorted(found) }, null, everyMs === undefined ? 2 : undefined));
      else terminal.out(`${everyMs === undefined ? '' : terminal.cleared}${asText(found, fleet, terminal)}`);
      if (everyMs === undefined) return options.exitCode === true && found.some(isOpen) ? SOMETHING_IS_OPEN : 0;
      await sleep(everyMs);
    }
  });
}

/** Puts an override in front of a breaker in all processes. */
export async function override(kind: OverrideKind, operation: string, options: ActOptions, terminal: Terminal): Promise<number> {
  const lasts = options.for === undefined ? FOREVER : lasting(options.for, '--for');
  const { reason } = options;
  if (reason !== undefined && reason.length > LONGEST_REASON) throw new Failure(`--reason must have at most ${LONGEST_REASON} characters`, 2);
  const until = lasts === FOREVER ? 'until it is cleared, closed or reset' : `for ${formatDuration(lasts)}`;
  const act: Act = { kind: 'force', act: 'override', override: { kind, lasts, ...(reason !== undefined && { reason }) } };
  return actOn(operation, options, act, `${kind.replace('_', ' ')} ${until}`, terminal);
}

/** Takes away what was forced, and with `close` and `reset` closes a breaker in all processes. */
export async function release(act: 'clear' | 'close' | 'reset', operation: string, options: ActOptions, terminal: Terminal): Promise<number> {
  return actOn(operation, options, { kind: 'force', act }, { clear: 'cleared', close: 'closed', reset: 'reset' }[act], terminal);
}

async function actOn(operation: string, options: ActOptions, act: Act, done: string, terminal: Terminal): Promise<number> {
  return withFleet(options, async (fleet) => {
    const before = await fleet.look();
    const keys = keysOf(operation, options, before, fleet);
    for (const key of keys) await fleet.force(operation, key, act);
    const closes = act.act === 'close' || act.act === 'reset';
    const names = keys.map((key) => sharedName(operation, key));
    const unreached = closes && apartOf(before.processes, names, OPEN).length > 0 ? await stillOpen(fleet, names) : [];
    const statuses = statusesOf(await fleet.look()).filter((one) => one.operation === operation && keys.includes(one.key));
    if (options.json === true) terminal.out(JSON.stringify({ operations: statuses, unreached }, null, 2));
    else for (const key of keys) terminal.out(`${nameOf({ operation, key })}: ${done}; ${processesOf(statuses.find((one) => one.key === key))}`);
    const own = apartOf(before.processes, names, OWN);
    if (own.length > 0) terminal.err(`note: ${someOf(own)} ${own.length === 1 ? 'has an override of its own, which goes' : 'have overrides of their own, which go'} before that of the fleet`);
    if (unreached.length > 0) terminal.err(`error: not reached within ${formatDuration(HEARD_WITHIN_MS)}: ${printable(operation)} is open in ${someOf(unreached)}`);
    return unreached.length > 0 ? 1 : 0;
  });
}

const OPEN: readonly string[] = ['open', 'half_open'];
const OWN: readonly string[] = ['forced_open', 'disabled', 'shadow'];

/** The processes that have one of the records so. */
function apartOf(processes: readonly Process[], names: readonly string[], as: readonly string[]): string[] {
  return processes.filter(({ heartbeat }) => names.some((name) => as.includes(heartbeat?.apart.get(name) ?? ''))).map(({ id }) => id);
}

/** Processes that say that they are open by themselves, when all have had the time to say that they are not. */
async function stillOpen(fleet: Fleet, names: readonly string[]): Promise<string[]> {
  for (let waitedMs = 0; ; waitedMs += LOOK_AGAIN_MS) {
    const open = apartOf(await fleet.processes(), names, OPEN);
    if (open.length === 0 || waitedMs >= HEARD_WITHIN_MS) return open;
    await sleep(LOOK_AGAIN_MS);
  }
}

/** The keys of the breakers that an act is for; undefined: the one without a key. @throws {@link Failure} for what nobody knows. */
function keysOf(operation: string, { key, allKeys, new: isNew }: ActOptions, look: Look, fleet: Fleet): (string | undefined)[] {
  const known = statusesOf(look).filter((one) => one.operation === operation);
  const keyed = known.flatMap((one) => one.key ?? []);
  const isKeyed = keyed.length > 0 || look.processes.some(({ heartbeat }) => heartbeat?.operations.get(operation)?.isKeyed === true);
  if (allKeys === true) {
    if (keyed.length === 0) throw new Failure(isKeyed ? `no key of ${printable(operation)} has a record: none is open. Give --key` : unknown(operation, look, fleet));
    return keyed;
  }
  if (key !== undefined) {
    const isKnown = keyed.includes(key) || look.processes.some(({ heartbeat }) => heartbeat?.takesPartIn(sharedName(operation, key)) === true);
    if (!isKnown && isNew !== true) throw new Failure(isKeyed ? `no process has used the key ${printable(key)} of ${printable(operation)} of late` : unknown(operation, look, fleet));
    return [key];
  }
  const isPlain = known.some((one) => one.key === undefined && !(isKeyed && look.records.has(sharedName(operation)) === false));
  if (isKeyed && !isPlain) throw new Failure(`${printable(operation)} has a breaker for each key: give --key${keyed[0] === undefined ? '' : `, such as ${printable(keyed[0])}`}, or --all-keys`);
  if (!isPlain && isNew !== true) throw new Failure(unknown(operation, look, fleet));
  return [undefined];
}

function ofOperation(operation: string | undefined, look: Look, fleet: Fleet): BreakerStatus[] {
  const all = statusesOf(look);
  const found = operation === undefined ? all : all.filter((one) => one.operation === operation);
  if (found.length === 0 && operation !== undefined) throw new Failure(unknown(operation, look, fleet));
  return found;
}

function unknown(operation: string, look: Look, { prefix }: Fleet): string {
  const meant = closest(operation, [...new Set(statusesOf(look).map((one) => one.operation))]);
  const hint = meant === undefined ? '' : `; did you mean ${printable(meant)}?`;
  return `no process shares ${printable(operation)} under the prefix ${prefix}${hint}`;
}

function asText(found: readonly BreakerStatus[], { prefix }: Fleet, { width }: Terminal): string {
  return found.length === 0 ? `no breaker is shared under the prefix ${prefix}` : statusText(found, width);
}

function processesOf(found: BreakerStatus | undefined): string {
  const n = found?.processes ?? 0;
  return n === 0 ? 'no process uses it now' : `${n} ${n === 1 ? 'process uses' : 'processes use'} it`;
}

async function withFleet<T>(options: StoreOptions, use: (fleet: Fleet) => Promise<T>): Promise<T> {
  const connection = await connect(options);
  try {
    return await use(new Fleet(connection.redis, options.prefix));
  } finally {
    connection.close();
  }
}

function lasting(given: string, option: string): number {
  const ms = toMs(/^\d+$/.test(given) ? Number(given) : given);
  if (ms > 0 && Number.isFinite(ms)) return ms;
  throw new Failure(`${option} must be a duration > 0: milliseconds, or with a unit, such as 250ms, 60s, 5m; received '${printable(given)}'`, 2);
}
