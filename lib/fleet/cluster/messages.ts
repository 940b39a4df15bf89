import { fields, isRecord, when } from '../../core/check';
import type { Answer, Change, Command } from '../shared-store';
import { commandSchema } from './command-schema';

/**
 * The version of what the processes of a cluster say to each other about shared breakers. It marks our messages among all
 * that go over the same channel.
 */
export const VERSION = 1;

const MARK = 'breakerBoxStore';

/** What a worker asks of the primary. */
export interface Request {
  readonly id: string;
  readonly breaker: string;
  readonly command: Command;
}

/** What came of it. */
export type Reply = { readonly id: string; readonly answer: Answer } | { readonly id: string; readonly error: string };

/** A worker that has asked for nothing yet wants to be told of changes. */
export interface Hello {
  readonly hello: true;
}

export interface News {
  readonly change: Change;
}

/** A message of ours, of whatever version; no part of it is what it should be until it has been looked at. */
export interface Received {
  readonly version: unknown;
  readonly id?: unknown;
  readonly breaker?: unknown;
  readonly command?: unknown;
  readonly answer?: unknown;
  readonly error?: unknown;
  readonly change?: unknown;
}

export function marked(message: Request | Reply | Hello | News): object {
  return { [MARK]: VERSION, ...message };
}

/** Undefined for what others send each other. */
export function received(message: unknown): Received | undefined {
  return isRecord(message) && MARK in message ? { ...message, version: message[MARK] } : undefined;
}

export const requestSchema = fields({
  breaker: when<string>((given) => typeof given === 'string' && given.length <= 200, 'must be a string of at most 200 characters'),
  command: commandSchema,
}, 'must be an object');
