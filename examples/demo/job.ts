import type { Downloader } from './downloader';
import { Lane } from './lane';

export interface Progress {
  readonly total: number;
  found: number;
  downloaded: number;
  thumbnails: number;
  bytes: number;
}

interface Stored {
  readonly id: string;
  readonly path: string;
}

/**
 * Fetches every file of the catalogue and its thumbnail. Each operation has a lane of workers, so that an open circuit
 * holds up its own lane only; the work waits in line there until the circuit closes.
 */
export class DownloadJob {
  readonly progress: Progress;

  readonly #catalogue: Lane<number>;
  readonly #paths: Lane<string>;
  readonly #downloads: Lane<Stored>;
  readonly #thumbnails: Lane<Stored>;
  #finish = (): void => {};

  constructor(private readonly downloader: Downloader, total: number, private readonly signal: AbortSignal) {
    this.progress = { total, found: 0, downloaded: 0, thumbnails: 0, bytes: 0 };
    this.#catalogue = new Lane(1, (page) => this.#list(page), signal);
    this.#paths = new Lane(2, (id) => this.#locate(id), signal);
    this.#downloads = new Lane(6, (file) => this.#download(file), signal);
    this.#thumbnails = new Lane(4, (file) => this.#thumbnail(file), signal);
  }

  get complete(): boolean {
    const { total, downloaded, thumbnails } = this.progress;
    return downloaded === total && thumbnails === total;
  }

  /** Ends when every file is there, or when the signal aborts. */
  run(pages: number): Promise<void> {
    return new Promise((resolve) => {
      this.#finish = resolve;
      this.signal.addEventListener('abort', () => resolve());
      for (let page = 1; page <= pages; page += 1) this.#catalogue.push(page);
    });
  }

  async #list(page: number): Promise<void> {
    for (const id of await this.downloader.catalogue(page)) {
      this.progress.found += 1;
      this.#paths.push(id);
    }
  }

  async #locate(id: string): Promise<void> {
    const file = { id, path: await this.downloader.storagePath(id) };
    this.#downloads.push(file);
    this.#thumbnails.push(file);
  }

  async #download({ id, path }: Stored): Promise<void> {
    const bytes = await this.downloader.download(id, path);
    this.progress.downloaded += 1;
    this.#stored(bytes);
  }

  async #thumbnail({ id, path }: Stored): Promise<void> {
    const bytes = await this.downloader.thumbnail(id, path);
    this.progress.thumbnails += 1;
    this.#stored(bytes);
  }

  #stored(bytes: number): void {
    this.progress.bytes += bytes;
    if (this.complete) this.#finish();
  }
}
