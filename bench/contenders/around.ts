import { each, working, type Operation, type Protect } from '../operations';

/** A policy around the functions that work, or others. */
export function around(protect: Protect, functions = working): { calls: Operation[]; protect: Protect } {
  return { calls: each(functions(), protect), protect };
}
