import { setTimeout as sleep } from 'node:timers/promises';
import { formatDuration, toMs } from '../core/options';
import { closest } from '../core/unknown-option';
import { FOREVER } from '../fleet/record';
import { sharedName } from '../fleet/shared-name';
import { statusesOf } from './breaker-status';
import { connect, type Address } from './connection';
import { Failure } from './failure';
import { Fleet, type Act, type Look, type Process } from './fleet';
import { isOpen, nameOf, someOf, sorted, statusText } from './status';
import { printable } from './table';
import { terminal } from './terminal';

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

/** Commands that set an override, and commands that end one. */
const OVERRIDES = { open: 'forced_open', disable: 'disabled', shadow: 'shadow' } as const;
const RELEASES = { clear: 'cleared', close: 'closed', reset: 'reset' } as const;

export type ActName = keyof typeof OVERRIDES | keyof typeof RELEASES;

/** The exit code of `status --exit-code` when a breaker is open. */
const SOMETHING_IS_OPEN = 3;
/** By default, processes tell of themselves every two seconds, and are taken for gone after six. */
const HEARD_WITHIN_MS = 7000;
const LOOK_AGAIN_MS = 200;
const LONGEST_REASON = 200;

/** @returns The exit code. */
export async function status(operation: string | undefined, options: StatusOptions): Promise<number> {
  const everyMs = options.watch === undefined ? undefined : lasting(options.watch === true ? '2s' : options.watch, '--watch');
  return withFleet(options, async (fleet) => {
    for (;;) {
      const look = await fleet.look();
      const found = statusesOf(look).filter((one) => operation === undefined || one.operation === operation);
      if (found.length === 0 && operation !== undefined) throw unknown(operation, look, fleet);
      if (options.json === true) terminal.out(JSON.stringify({ operations: sorted(found) }, null, everyMs === undefined ? 2 : undefined));
      else terminal.out((everyMs === undefined ? '' : terminal.cleared) + (found.length === 0 ? `no breaker is shared under the prefix ${fleet.prefix}` : statusText(found, terminal.width)));
      if (everyMs === undefined) return options.exitCode === true && found.some(isOpen) ? SOMETHING_IS_OPEN : 0;
      await sleep(everyMs);
    }
  });
}

/** Acts on a breaker in all processes. @returns The exit code. */
export async function act(name: ActName, operation: string, options: ActOptions): Promise<number> {
  const { command, done } = name in RELEASES ? releaseBy(name as keyof typeof RELEASES) : overrideBy(name as keyof typeof OVERRIDES, options);
  return withFleet(options, async (fleet) => {
    const before = await fleet.look();
    const keys = keysOf(operation, options, before, fleet);
    for (const key of keys) await fleet.force(operation, key, command);
    const names = keys.map((key) => sharedName(operation, key));
    const isClosing = name === 'close' || name === 'reset';
    const unreached = isClosing && apartOf(before.processes, names, OPEN).length > 0 ? await stillOpen(fleet, names) : [];
    const statuses = statusesOf(await fleet.look()).filter((one) => one.operation === operation && keys.includes(one.key));
    if (options.json === true) terminal.out(JSON.stringify({ operations: statuses, unreached }, null, 2));
    else for (const key of keys) terminal.out(`${nameOf({ operation, key })}: ${done}; ${users(statuses.find((one) => one.key === key)?.processes ?? 0)}`);
    if (options.allKeys === true) terminal.err(`note: ${keys.length} ${keys.length === 1 ? 'key' : 'keys'} of ${printable(operation)} reached: those that have a record, or that processes have otherwise than the fleet. Others were not touched`);
    const own = apartOf(before.processes, names, Object.values(OVERRIDES));
    if (own.length > 0) terminal.err(`note: ${someOf(own)} ${own.length === 1 ? 'has an override of its own, which goes' : 'have overrides of their own, which go'} before that of the fleet`);
    if (unreached.length > 0) terminal.err(`error: not reached within ${formatDuration(HEARD_WITHIN_MS)}: ${printable(operation)} is open in ${someOf(unreached)}`);
    return unreached.length > 0 ? 1 : 0;
  });
}

interface Order {
  readonly command: Act;
  /** For people. */
  readonly done: string;
}

function releaseBy(name: keyof typeof RELEASES): Order {
  return { command: { kind: 'force', act: name }, done: RELEASES[name] };
}

function overrideBy(name: keyof typeof OVERRIDES, { for: time, reason }: ActOptions): Order {
  const kind = OVERRIDES[name];
  const lasts = time === undefined ? FOREVER : lasting(time, '--for');
  if (reason !== undefined && reason.length > LONGEST_REASON) throw new Failure(`--reason must have at most ${LONGEST_REASON} characters`, 2);
  const until = lasts === FOREVER ? 'until it is cleared, closed or reset' : `for ${formatDuration(lasts)}`;
  return { command: { kind: 'force', act: 'override', override: { kind, lasts, reason } }, done: `${kind.replace('_', ' ')} ${until}` };
}

const OPEN: readonly string[] = ['open', 'half_open'];

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
  const isFound = (name: string): boolean => look.records.has(name) || look.processes.some(({ heartbeat }) => heartbeat?.apart.has(name) === true);
  // Of a name that was cut, and stands in no record, the key is not known.
  const keyed = statusesOf(look).flatMap((one) => (one.operation === operation && one.key !== undefined && isFound(sharedName(operation, one.key)) ? one.key : []));
  const told = look.processes.flatMap(({ heartbeat }) => heartbeat?.operations.get(operation) ?? []);
  const isKeyed = keyed.length > 0 || told.some((one) => one.isKeyed);
  const orUnknown = (message: string): Failure => (isKeyed ? new Failure(message) : unknown(operation, look, fleet));
  if (allKeys === true) {
    if (keyed.length === 0) throw orUnknown(`no key of ${printable(operation)} has a record: none is open. Give --key`);
    return keyed;
  }
  const name = sharedName(operation, key);
  const isKnown = isFound(name) || look.processes.some(({ heartbeat }) => heartbeat?.takesPartIn(name) === true);
  if (key !== undefined) {
    if (!isKnown && isNew !== true) throw orUnknown(`no process has used the key ${printable(key)} of ${printable(operation)} of late`);
  } else if (isKeyed && !isKnown) {
    throw new Failure(`${printable(operation)} has a breaker for each key: give --key${keyed[0] === undefined ? '' : `, such as ${printable(keyed[0])}`}, or --all-keys`);
  } else if (!isKnown && told.length === 0 && isNew !== true) throw unknown(operation, look, fleet);
  return [key];
}

function unknown(operation: string, look: Look, { prefix }: Fleet): Failure {
  const meant = closest(operation, [...new Set(statusesOf(look).map((one) => one.operation))]);
  const hint = meant === undefined ? '' : `; did you mean ${printable(meant)}?`;
  return new Failure(`no process shares ${printable(operation)} under the prefix ${prefix}${hint}`);
}

function users(processes: number): string {
  return processes === 0 ? 'no process uses it now' : `${processes} ${processes === 1 ? 'process uses' : 'processes use'} it`;
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
