const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Characters of the hash of a record. Now and then two records have the same: then a process counts as one that takes part in both. */
export const SHORT = 3;
/** Of an operation. */
const LONG = 6;

/** More options than these are not compared. */
const MOST_SETTINGS = 20;

/** Breakers of the same settings that a process has had outcomes of: of what operations, and which records. */
export interface Participation {
  /** As text. */
  readonly settings: string;
  readonly operations: Set<string>;
  readonly records: Set<string>;
}

/** Groups what a process takes part in. */
export class Participations {
  readonly #bySettings = new Map<string, Participation>();

  add(record: string, operation: string, settings: string): void {
    const known = this.#bySettings.has(settings) || this.#bySettings.size < MOST_SETTINGS ? settings : '';
    let group = this.#bySettings.get(known);
    if (group === undefined) this.#bySettings.set(known, (group = { settings: known, operations: new Set(), records: new Set() }));
    group.operations.add(hash(operation, LONG));
    group.records.add(record);
  }

  /** What a heartbeat tells: a line for each group. */
  toString(): string {
    return [...this.#bySettings.values()].map(({ settings, operations, records }) => `${[...records].join('')} ${[...operations].join('')} ${settings}`).join('\n');
  }
}

/** What another process has told, also when it is garbage. */
export function readParticipations(value: string): Participation[] {
  return value.split('\n').map((line) => {
    const [records = '', operations = '', ...settings] = line.split(' ');
    return { settings: settings.join(' '), operations: new Set(pieces(operations, LONG)), records: new Set(pieces(records, SHORT)) };
  });
}

export function operationHash(operation: string): string {
  return hash(operation, LONG);
}

function pieces(text: string, length: number): string[] {
  return text.match(new RegExp(`.{${length}}`, 'g')) ?? [];
}

/** FNV-1a, of 36 bits at most. @see https://www.rfc-editor.org/rfc/rfc9923 */
export function hash(text: string, length: number): string {
  let low = 0x811c9dc5;
  let high = 0xcbf29ce4;
  for (let at = 0; at < text.length; at++) {
    low = Math.imul(low ^ text.charCodeAt(at), 0x01000193);
    high = Math.imul(high ^ text.charCodeAt(at), 0x01000193) + (low >>> 25);
  }
  return Array.from({ length }, (_, at) => ALPHABET[((at < LONG - 1 ? low : high) >>> ((at % (LONG - 1)) * 6)) & 63]).join('');
}
