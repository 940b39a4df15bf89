import { fields, list, optional, resolve, when, type Check } from '../../core/check';
import type { FleetStore, Stored } from '../store';

const shorterThan = (longest: number): Check<string> =>
  when((given) => typeof given === 'string' && given.length <= longest, `must be a string of at most ${longest} characters`);

const number = when<number>(Number.isFinite, 'must be a finite number');

const name = shorterThan(200);
const value = shorterThan(100_000);
const message = 'must be an object';

const storedSchema = fields({ revision: shorterThan(100), value }, message);

const expectedSchema = fields({ revision: shorterThan(100), server: shorterThan(100), notAfter: number }, message);

/** JSON has no undefined in a list. */
const storedOrNothing: Check<Stored | undefined> = (given, issues, path) => (given === undefined || given === null ? undefined : storedSchema(given, issues, path));

/** One of the store: looked at as a whole before it is carried out, for what a wrong one would leave in a record, all workers would live with. */
function operation<A>(asked: Check<A>, carryOut: (store: FleetStore, asked: A) => Promise<unknown>) {
  return (store: FleetStore, given: unknown): Promise<unknown> => carryOut(store, resolve(asked, given, 'A message of clusterStore'));
}

/** What a worker may ask for. */
export const OPERATIONS = {
  read: operation(fields({ names: list(name, 'must be a list') }, message), (store, { names }) => store.read(names)),
  compareAndSet: operation(
    fields({ name, expected: expectedSchema, next: optional(storedSchema), lastsMs: number }, message),
    (store, asked) => store.compareAndSet(asked.name, asked.expected, asked.next, asked.lastsMs),
  ),
  announce: operation(fields({ process: name, value, lastsMs: number }, message), async (store, asked) => store.announce(asked.process, asked.value, asked.lastsMs)),
  members: operation(fields({}, message), async (store) => [...(await store.members())]),
};

export type OperationName = keyof typeof OPERATIONS;

const moment = { now: number, server: shorterThan(100) };

/** What a worker is answered; it is as wary of its primary. */
export const ANSWERS = {
  read: fields({ ...moment, stored: list(storedOrNothing, 'must be a list') }, message),
  compareAndSet: fields({ ...moment, done: when<boolean>((given) => typeof given === 'boolean', 'must be true or false'), stored: storedOrNothing }, message),
  members: list(when<[string, string]>(isMember, 'must be a process and what it says'), 'must be a list'),
};

function isMember(given: unknown): boolean {
  return Array.isArray(given) && given.length === 2 && given.every((part) => typeof part === 'string');
}
