import { createHash } from 'node:crypto';

/** The value of a `Content-Digest` header. @see https://www.rfc-editor.org/rfc/rfc9530 */
export function contentDigest(bytes: Uint8Array): string {
  return `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`;
}

/** The whole body, once it is known to be what the server sent. */
export async function verifiedBody(response: Response): Promise<Buffer> {
  const bytes = Buffer.from(await response.arrayBuffer());
  if (contentDigest(bytes) !== response.headers.get('content-digest')) throw new Error(`checksum mismatch for ${response.url}`);
  return bytes;
}
