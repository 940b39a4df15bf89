import { builtinModule } from '../core/platform';

/** As much of `node:fs/promises` as is used; Bun and Deno have it too. */
interface FileSystem {
  mkdir(path: string, options: { recursive: true }): Promise<unknown>;
  readdir(path: string): Promise<string[]>;
  readFile(path: string, encoding: 'utf8'): Promise<string>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { force: true }): Promise<void>;
  writeFile(path: string, data: string, options: { flag: 'wx'; mode: number }): Promise<void>;
}

/** The file system; undefined where there is none, as in a browser. */
export function fileSystem(): FileSystem | undefined {
  return builtinModule<{ promises: FileSystem }>('node:fs')?.promises;
}

/** A report's time, its place among those of the same millisecond, its operation, and a part that no other process has. */
const FILE_NAME = /^\d{8}T\d{9}Z-\d{6}-.*-[0-9a-f]{8}\.json(\.part)?$/;

/** Only the owner may read: a report may contain confidential data. */
const OWNER_ONLY = 0o600;

/** A folder of JSON files, one a report, which sort by age. It keeps the last ones; files of others are left alone. */
export class ReportFolder {
  #written = 0;

  constructor(
    private readonly directory: string,
    private readonly maxFiles: number,
    private readonly files: FileSystem,
  ) {}

  /**
   * Adds a report, and deletes the oldest ones over the limit.
   *
   * @param label - Any string; as much of it as is safe becomes part of the file's name.
   */
  async write(writtenAtMs: number, label: string, content: string): Promise<void> {
    // Of the platform that has the file system: jsdom's own `crypto` has no `randomUUID`.
    const unique = builtinModule<{ randomUUID(): string }>('node:crypto')!.randomUUID().slice(0, 8);
    const place = String(this.#written++ % 1_000_000).padStart(6, '0');
    await this.files.mkdir(this.directory, { recursive: true });
    await this.#writeWhole(`${stamp(writtenAtMs)}-${place}-${safe(label)}-${unique}.json`, content);
    await this.#prune();
  }

  /** The contents since `sinceMs`, the oldest first. */
  async *since(sinceMs: number): AsyncIterable<string> {
    const first = stamp(Math.max(0, sinceMs));
    for (const name of await this.#names()) {
      if (name < first || name.endsWith('.part')) continue;
      const content = await this.files.readFile(this.#path(name), 'utf8').catch(() => undefined);
      // Another process may have deleted it meanwhile.
      if (content !== undefined) yield content;
    }
  }

  /** A reader finds a whole file or none: it gets its name when it is complete. */
  async #writeWhole(name: string, content: string): Promise<void> {
    const path = this.#path(name);
    const part = `${path}.part`;
    try {
      await this.files.writeFile(part, content, { flag: 'wx', mode: OWNER_ONLY });
      await this.files.rename(part, path);
    } catch (error) {
      await this.files.rm(part, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  /** A file that a crash left half written has its time in its name, and is deleted with the others. */
  async #prune(): Promise<void> {
    const names = await this.#names();
    for (const name of names.slice(0, Math.max(0, names.length - this.maxFiles))) {
      await this.files.rm(this.#path(name), { force: true });
    }
  }

  /** The names of reports, the oldest first; none while the folder is not there. */
  async #names(): Promise<string[]> {
    const names = await this.files.readdir(this.directory).catch((error: unknown) => {
      if ((error as { code?: unknown }).code === 'ENOENT') return [];
      throw error;
    });
    return names.filter((name) => FILE_NAME.test(name)).sort();
  }

  #path(name: string): string {
    return `${this.directory}/${name}`;
  }
}

/** `20260131T235959123Z`: sorts by time, and is a file name everywhere. */
function stamp(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/[-:.]/g, '');
}

/** Letters, digits and `_` only, so that no name leads out of the folder or is refused by a file system; not too long. */
function safe(label: string): string {
  return label.replace(/[^A-Za-z0-9]+/g, '_').slice(0, 60);
}
