import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** An error as a fixture has it: name, message, own fields, the errors in it. */
export type Shape = Record<string, unknown>;

const folder = join(__dirname, '..', 'clients', 'fixtures', 'databases');

/** What a client failed with, by scenario. Written by the specs of `spec/clients`, from the real client. */
export function capturedErrors(client: string): Record<string, Shape> {
  return JSON.parse(readFileSync(fixtureOf(client), 'utf8')) as Record<string, Shape>;
}

export function fixtureOf(client: string): string {
  return join(folder, `${client}.json`);
}

/** The database clients that have fixtures. */
export function capturedClients(): string[] {
  return readdirSync(folder).filter((file) => file.endsWith('.json')).map((file) => basename(file, '.json'));
}

/** The error again, with errors where it had some. */
export function revive(shape: Shape): Error {
  const { message, constructorName = 'Error', ...fields } = shape;
  // A class without a name of its own for `name`, as the client's.
  const Named = { [String(constructorName)]: class extends Error {} }[String(constructorName)]!;
  const error = constructorName === 'Error' ? new Error(String(message)) : new Named(String(message));
  return Object.assign(error, Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, revived(value)])));
}

function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== 'object' || value === null) return value;
  if ('message' in value && 'name' in value) return revive(value as Shape);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revived(inner)]));
}
