import { isRecord } from '../../core/check';
import type { OperationName } from './operations';

/**
 * The version of what the processes of a cluster say to each other about shared breakers. It marks our messages among all
 * that go over the same channel.
 */
export const VERSION = 2;

const MARK = 'breakerBoxStore';

/** What a worker asks of the primary, what came of it, and what the primary tells all workers that have asked for something. */
export type Message =
  | { readonly id: string; readonly operation: OperationName; readonly asked: object }
  | { readonly id: string; readonly answer: unknown }
  | { readonly id: string; readonly error: string }
  | { readonly written: string };

/** A message of ours, of whatever version; no part of it is what it should be until it has been looked at. */
export interface Received {
  readonly version: unknown;
  readonly id?: unknown;
  readonly operation?: unknown;
  readonly asked?: unknown;
  readonly answer?: unknown;
  readonly error?: unknown;
  readonly written?: unknown;
}

export function marked(message: Message): object {
  return { [MARK]: VERSION, ...message };
}

/** Undefined for what others send each other. */
export function received(message: unknown): Received | undefined {
  return isRecord(message) && MARK in message ? { ...message, version: message[MARK] } : undefined;
}
