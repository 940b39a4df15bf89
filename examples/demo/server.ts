import { files, json } from '../support/content';
import { fault, type Fault } from '../support/fault';
import { FlakyServer } from '../support/flaky-server';
import { always, between, everyNth, firstOf, type Schedule } from '../support/schedule';

export const PAGES = 18;
export const FILES_PER_PAGE = 12;

const VIDEO_BYTES = 256 * 1024;
const THUMBNAIL_BYTES = 12 * 1024;

type Path = '/catalogue/' | '/storage/' | '/videos/' | '/thumbnails/';
export type DemoServer = FlakyServer<Path>;

interface Outage {
  readonly fromMs: number;
  readonly toMs: number;
  readonly fault: Fault;
  readonly begins: string;
  readonly ends: string;
}

// Long enough that the first probe still fails, so that one sees a circuit reopen before it closes.
const VIDEO_OUTAGE: Outage = {
  fromMs: 2_000, toMs: 5_500, fault: fault.status(503), begins: 'videos answer 503', ends: 'videos are well again',
};

// Begins while the other one lasts: two circuits open for reasons of their own, at times of their own.
const THUMBNAIL_OUTAGE: Outage = {
  fromMs: 4_500, toMs: 7_500, fault: fault.hang(), begins: 'thumbnails hang', ends: 'thumbnails are well again',
};

export async function startDemoServer(): Promise<DemoServer> {
  const server = await FlakyServer.start<Path>({
    '/catalogue/': json((page) => Array.from({ length: FILES_PER_PAGE }, (_, n) => `video-${page}-${n + 1}`)),
    '/storage/': json((id) => ({ path: `${id}.mp4` })),
    '/videos/': files(VIDEO_BYTES),
    '/thumbnails/': files(THUMBNAIL_BYTES),
  });
  server.route('/catalogue/').misbehave(firstOf(everyNth(4, fault.status(500)), latency(550)));
  server.route('/storage/').misbehave(latency(40));
  server.route('/videos/').misbehave(firstOf(during(VIDEO_OUTAGE), latency(130)));
  server.route('/thumbnails/').misbehave(firstOf(during(THUMBNAIL_OUTAGE), latency(80)));
  return server;
}

/** Tells when each outage begins and ends, as the operators of the server would. */
export function announceOutages(tell: (news: string) => void): void {
  for (const { fromMs, toMs, begins, ends } of [VIDEO_OUTAGE, THUMBNAIL_OUTAGE]) {
    // Unref'd: the demo does not stay alive for news of a server that is gone.
    setTimeout(tell, fromMs, begins).unref();
    setTimeout(tell, toMs, ends).unref();
  }
}

const latency = (ms: number): Schedule => always(fault.delay(ms));

const during = ({ fromMs, toMs, fault }: Outage): Schedule => between(fromMs, toMs, fault);
