import { describeThrown } from '../core/safe-inspect';
import { wellFormed } from './shared-name';
import type { Record } from './record';

/** As much of a text as a store keeps for people. */
const LONGEST_TEXT = 200;

/** As many voters as a rejection names. */
const MOST_NAMED = 3;

/** The text of an error that other processes and the command line show. */
export function errorText(error: unknown): string | undefined {
  if (error === undefined) return undefined;
  const { name = 'Error', message = '' } = describeThrown(error) as { name?: string; message?: string };
  return wellFormed(`${name}: ${message}`.slice(0, LONGEST_TEXT));
}

/** The cause of rejections in a process that did not fail itself: it names the voters, and an error of theirs. */
export function verdictOf({ votes }: Record): Error {
  const named = votes.slice(0, MOST_NAMED).map(({ process }) => process);
  const others = votes.length - named.length;
  const error = votes.find((vote) => vote.error !== undefined)?.error;
  const who = named.length === 0 ? '' : ` by ${named.join(', ')}${others > 0 ? ` and ${others} more` : ''}`;
  return new Error(`the fleet has opened the circuit${who}${error === undefined ? '' : `; last error: ${error}`}`);
}
