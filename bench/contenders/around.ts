import { each, working, type Operation, type Protect } from '../operations';

/** A policy around the functions that work. */
export function around(protect: Protect): { calls: Operation[]; protect: Protect } {
  return { calls: each(working(), protect), protect };
}
