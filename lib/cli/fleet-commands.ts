import { closest } from '../core/unknown-option';
import { formatDuration, toMs } from '../core/options';
import { FOREVER, type Answer } from '../fleet/shared-store';
import { connect } from './connection';
import { Failure } from './failure';
import { Fleet, type Act } from './fleet';
import type { BreakerStatus } from './fleet-record';
import { nameOf, sorted, statusTable } from './status';
import type { Terminal } from './terminal';
import { printable } from './text';

export interface StoreOptions {
  readonly redis: string;
  readonly prefix: string;
  readonly json?: boolean;
}

export interface ActOptions extends StoreOptions {
  readonly key?: string;
}

export interface OpenOptions extends ActOptions {
  readonly for?: string;
  readonly reason?: string;
}

export async function status(operation: string | undefined, options: StoreOptions, terminal: Terminal): Promise<void> {
  await withFleet(options, async (fleet) => {
    const all = await fleet.statuses();
    const found = operation === undefined ? all : all.filter((one) => one.operation === operation);
    if (found.length === 0 && operation !== undefined) throw new Failure(unknown(operation, all.map((one) => one.operation), fleet));
    terminal.out(options.json === true ? JSON.stringify({ operations: sorted(found) }, null, 2) : asTable(found, fleet, terminal));
  });
}

export async function open(operation: string, options: OpenOptions, terminal: Terminal): Promise<void> {
  const remaining = options.for === undefined ? FOREVER : lasting(options.for);
  const override = { kind: 'forced_open', remaining, ...(options.reason !== undefined && { reason: options.reason }) } as const;
  await withFleet(options, async (fleet) => {
    // May come before the first call, unlike the other acts; a name that nobody has is told all the same.
    if (!(await fleet.knows(operation, options.key))) terminal.err(`note: ${await whyUnknown(operation, options.key, fleet)}`);
    const until = remaining === FOREVER ? 'until it is closed or reset' : `for ${formatDuration(remaining)}`;
    await act(fleet, operation, options, { act: 'override', override }, `forced open ${until}`, terminal);
  });
}

export async function close(operation: string, options: ActOptions, terminal: Terminal): Promise<void> {
  await closeBy('close', 'closed', operation, options, terminal);
}

export async function reset(operation: string, options: ActOptions, terminal: Terminal): Promise<void> {
  await closeBy('reset', 'reset', operation, options, terminal);
}

async function closeBy(how: 'close' | 'reset', done: string, operation: string, options: ActOptions, terminal: Terminal): Promise<void> {
  await withFleet(options, async (fleet) => {
    if (!(await fleet.knows(operation, options.key))) throw new Failure(await whyUnknown(operation, options.key, fleet));
    await act(fleet, operation, options, { act: how }, done, terminal);
  });
}

async function act(fleet: Fleet, operation: string, { key, json }: ActOptions, what: Act, done: string, terminal: Terminal): Promise<void> {
  const answer = await fleet.force(operation, key, what);
  terminal.out(json === true ? JSON.stringify(asJson(operation, key, answer), null, 2) : `${nameOf({ operation, key })}: ${done}; ${processes(answer.processes)}`);
}

function processes(n: number): string {
  if (n === 0) return 'no process uses it now';
  return n === 1 ? '1 process uses it' : `${n} processes use it`;
}

function asJson(operation: string, key: string | undefined, { state, override, processes: alive }: Answer): object {
  const remaining = override?.remaining === FOREVER ? null : override?.remaining;
  return { operation, key, state, processes: alive, override: override && { ...override, remaining } };
}

async function withFleet(options: StoreOptions, use: (fleet: Fleet) => Promise<void>): Promise<void> {
  const connection = await connect(options.redis);
  try {
    await use(new Fleet(connection, options.prefix));
  } finally {
    connection.close();
  }
}

function asTable(found: readonly BreakerStatus[], { prefix }: Fleet, { width }: Terminal): string {
  return found.length === 0 ? `no breaker is shared under the prefix ${prefix}, nor was one in the last ten minutes` : statusTable(found, width);
}

function lasting(given: string): number {
  const ms = toMs(/^\d+$/.test(given) ? Number(given) : (given));
  if (ms > 0 && Number.isFinite(ms)) return ms;
  throw new Failure(`--for must be a duration > 0: milliseconds, or with a unit, such as 250ms, 60s, 5m; received '${printable(given)}'`, 2);
}

async function whyUnknown(operation: string, key: string | undefined, fleet: Fleet): Promise<string> {
  const { operations, keys } = await fleet.names(operation);
  if (keys.length > 0 && key === undefined) return `${printable(operation)} has a breaker for each key, and none for all: give --key, such as ${printable(keys[0] ?? '')}`;
  if (keys.length > 0) return `no process shares the key ${printable(key ?? '')} of ${printable(operation)}, nor did one in the last ten minutes`;
  return unknown(operation, operations, fleet);
}

function unknown(operation: string, operations: readonly string[], { prefix }: Fleet): string {
  const meant = closest(operation, [...new Set(operations)]);
  const hint = meant === undefined ? '' : `; did you mean ${printable(meant)}?`;
  return `no process shares ${printable(operation)} under the prefix ${prefix}, nor did one in the last ten minutes${hint}`;
}
