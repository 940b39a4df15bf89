import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Shape } from '../programs/support/error-shape.mts';

/** The errors of a client by situation, as its program saw them last; see {@link writeFixtures}. */
export type Fixtures = Readonly<Record<string, Shape>>;

const fileOf = (client: string): string => join(__dirname, '..', 'fixtures', 'network', `${client}.json`);

export function fixturesOf(client: string): Fixtures {
  return existsSync(fileOf(client)) ? (JSON.parse(readFileSync(fileOf(client), 'utf8')) as Fixtures) : {};
}

/** Whether this run writes the fixtures, in place of comparing with them: `WRITE_FIXTURES=1 npm run test:clients`. */
export const isWriting = process.env.WRITE_FIXTURES !== undefined;

export function writeFixtures(client: string, fixtures: Fixtures): void {
  const lines = Object.entries(fixtures).map(([situation, shape]) => `  ${JSON.stringify(situation)}: ${JSON.stringify(shape)}`);
  writeFileSync(fileOf(client), `{\n${lines.join(',\n')}\n}\n`);
}

/** An error with all that its fixture has, made of classes of the same names. */
export function revived(shape: Shape): unknown {
  const { class: className, name, message, ...fields } = shape;
  if (className === 'string') return message;
  if (className === 'DOMException') return new DOMException(message, name as string);
  const error = new (classNamed(className))(message);
  if (error.name !== name) Object.defineProperty(error, 'name', { value: name });
  return Object.assign(error, Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, revivedField(field, value)])));
}

function classNamed(name: string): new (message?: string) => Error {
  if (name === 'TypeError') return TypeError;
  return name === 'Error' ? Error : { [name]: class extends Error {} }[name]!;
}

function revivedField(field: string, value: any): unknown {
  if (field === 'response') return { ...value, headers: value.headers && revivedHeaders(value.headers) };
  if (field === 'config') return { signal: { aborted: true, reason: revived(value.signal.reason) } };
  if (field === 'errors') return value.map(revived);
  if (['headers', 'responseHeaders', 'metadata'].includes(field)) return revivedHeaders(value);
  return typeof value?.class === 'string' ? revived(value) : value;
}

interface SavedHeaders {
  readonly $class: string;
  readonly [name: string]: string | string[];
}

function revivedHeaders({ $class, ...named }: SavedHeaders): object {
  if ($class === 'Headers') return new Headers(named as Record<string, string>);
  // grpc-js: a name may have several values.
  if ($class === 'Metadata') return { get: (name: string) => [named[name] ?? []].flat(), getMap: () => named };
  return $class === 'AxiosHeaders' ? Object.assign(Object.create({ get: (name: string) => named[name] }) as object, named) : named;
}
