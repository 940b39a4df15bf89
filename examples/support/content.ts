import { createCipheriv, createHash } from 'node:crypto';

export interface Content {
  readonly type: string;
  readonly bytes: Buffer;
}

/** What a route serves under a name (the rest of the path, query included); `undefined` is a 404. */
export type Source = (name: string) => Content | undefined;

export const json = (valueOf: (name: string) => unknown): Source => (name) => ({
  type: 'application/json',
  bytes: Buffer.from(JSON.stringify(valueOf(name))),
});

export const files = (size: number): Source => (name) => ({
  type: 'application/octet-stream',
  bytes: sampleBytes(name, size),
});

/** The same name gives the same bytes, and no two names do; a cipher's key stream is incompressible, as media files are. */
export function sampleBytes(name: string, size: number): Buffer {
  const key = createHash('sha256').update(name).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}
