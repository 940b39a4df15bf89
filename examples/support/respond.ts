import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Content } from './content';
import { contentDigest } from './digest';
import type { Fault } from './fault';

const CHUNK = 64 * 1024;

/** Answers one request, with the fault it meets. */
export async function respond(response: ServerResponse, content: Content | undefined, fault?: Fault): Promise<void> {
  switch (fault?.kind) {
    case 'hang':
      return;
    case 'drop':
      response.destroy();
      return;
    case 'status':
      sendStatus(response, fault.status, fault.retryAfter);
      return;
    case 'delay':
      await sleep(fault.delayMs);
      return send(response, content);
    case 'cut':
      return sendPart(response, content, fault.afterBytes);
    case undefined:
      return send(response, content);
  }
}

function sendStatus(response: ServerResponse, status: number, retryAfter?: number): void {
  if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
  response.writeHead(status).end();
}

async function send(response: ServerResponse, content: Content | undefined): Promise<void> {
  if (!content) return sendStatus(response, 404);
  sendHead(response, content);
  await pipeline(chunks(content.bytes), response);
}

async function sendPart(response: ServerResponse, content: Content | undefined, size: number): Promise<void> {
  if (!content) return sendStatus(response, 404);
  sendHead(response, content);
  await pipeline(chunks(content.bytes.subarray(0, size)), response, { end: false });
  // `end`, not `destroy`: what was written still arrives, so the client does see a part of the body.
  response.socket?.end();
}

function sendHead(response: ServerResponse, { type, bytes }: Content): void {
  response.writeHead(200, {
    'content-type': type,
    'content-length': bytes.length,
    'content-digest': contentDigest(bytes),
  });
}

function chunks(bytes: Buffer): Readable {
  const count = Math.ceil(bytes.length / CHUNK);
  return Readable.from(Array.from({ length: count }, (_, n) => bytes.subarray(n * CHUNK, (n + 1) * CHUNK)));
}
