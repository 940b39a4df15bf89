import * as v from 'valibot';
import type { Command } from '../shared-store';

const number = v.pipe(v.number(), v.finite());
const text = v.string();

const override = v.object({ kind: v.picklist(['forced_open', 'disabled', 'shadow']), remaining: number, reason: v.optional(text) });

const sender = {
  process: text,
  seen: v.object({
    epoch: number,
    state: v.picklist(['closed', 'open', 'half_open']),
    remaining: number,
    reopenings: number,
    override: v.optional(override),
  }),
  alive: number,
  lease: number,
  at: v.optional(number),
};

const limits = v.union([
  v.object({ window: v.picklist(['count', 'time']), size: number, minimumCalls: number, failureRate: number, slowRate: number }),
  v.object({ failureThreshold: number }),
]);

const counts = v.object({ calls: number, failures: number, slow: number, streak: number });

/**
 * A command as it comes out of a message. Looked at as a whole: what a wrong one would leave in the record of a breaker, all
 * workers would live with.
 */
export const commandSchema: v.GenericSchema<unknown, Command> = v.variant('kind', [
  v.object({ ...sender, kind: v.literal('get'), settings: v.optional(text), name: v.optional(text) }),
  v.object({ ...sender, kind: v.literal('vote'), lasts: number, openFor: number, quorum: v.object({ min: number, ratio: number }) }),
  v.object({ ...sender, kind: v.literal('report'), counts, limits, openFor: number }),
  v.object({ ...sender, kind: v.literal('acquire'), slot: text, probes: number, successes: number }),
  v.object({ ...sender, kind: v.picklist(['renew', 'release']), slot: text }),
  v.object({ ...sender, kind: v.literal('result'), slot: text, success: v.boolean(), successes: number, openFor: number }),
  v.variant('act', [
    v.object({ ...sender, kind: v.literal('force'), act: v.literal('override'), override }),
    v.object({ ...sender, kind: v.literal('force'), act: v.picklist(['clear', 'close', 'reset']) }),
  ]),
]);
