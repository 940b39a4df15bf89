import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CircuitBreaker, Retry, currentCall } from 'breaker-box';
import { verifiedBody } from '../support/digest';
import { get } from '../support/http';

/** The service under protection: each method is an operation with a retry around a breaker of its own. */
export class Downloader {
  constructor(private readonly server: string, private readonly directory: string) {}

  @Retry({ maxAttempts: 4, baseDelay: '80ms' })
  @CircuitBreaker({ failureThreshold: 5, recoveryTimeout: '2s' })
  async catalogue(page: number): Promise<string[]> {
    return (await get(`${this.server}/catalogue/${page}`)).json() as Promise<string[]>;
  }

  @Retry({ maxAttempts: 3, baseDelay: '50ms' })
  @CircuitBreaker({ failureThreshold: 5, recoveryTimeout: '2s' })
  async storagePath(id: string): Promise<string> {
    const { path } = (await (await get(`${this.server}/storage/${id}`)).json()) as { path: string };
    return join(this.directory, path);
  }

  @Retry({ maxAttempts: 3, baseDelay: '150ms' })
  @CircuitBreaker({ failureThreshold: 6, recoveryTimeout: '2s' })
  async download(id: string, path: string): Promise<number> {
    const bytes = await verifiedBody(await get(`${this.server}/videos/${id}`));
    await writeFile(path, bytes);
    return bytes.length;
  }

  // The limit for each attempt is what makes a service that hangs look like one that fails.
  @Retry({ maxAttempts: 2, baseDelay: '100ms', attemptTimeout: '400ms' })
  @CircuitBreaker({ failureThreshold: 4, recoveryTimeout: '1500ms' })
  async thumbnail(id: string, path: string): Promise<number> {
    const signal = currentCall()?.signal ?? null;
    const bytes = await verifiedBody(await get(`${this.server}/thumbnails/${id}`, { signal }));
    await writeFile(`${path}.jpg`, bytes);
    return bytes.length;
  }
}
