import type { createClient } from 'redis';
import { keysOf } from '../../../../lib/fleet/redis/keys';
import { NO_RECORD, type Record } from '../../../../lib/fleet/record';

type Client = ReturnType<typeof createClient>;

/** What is at a breaker's keys, read by other means than those of the script. */
export async function storedRecord(client: Client, prefix: string, breaker: string): Promise<Record> {
  const [recordKey, votesKey, membersKey] = keysOf(prefix, breaker) as [string, string, string];
  const [fields, votes, members] = await Promise.all([client.hGetAll(recordKey), scores(client, votesKey), scores(client, membersKey)]);
  const number = (field: string): number => Number(fields[field] ?? 0);
  const overridden = fields['ov'] !== undefined && { kind: fields['ov'] as never, until: number('ou'), reason: fields['or'] ?? '' };
  return {
    ...NO_RECORD,
    epoch: number('ep'),
    state: fields['st'] as Record['state'],
    openUntil: number('un'),
    reopenings: number('n'),
    successes: number('ok'),
    quarantineUntil: number('q'),
    override: overridden || undefined,
    reset: fields['rs'] === '1',
    server: fields['sv'] ?? '',
    streak: number('sk'),
    buckets: bucketsOf(fields['bk']),
    settings: [1, 2].filter((n) => `c${n}` in fields).map((n) => ({ text: fields[`c${n}`]!, until: number(`u${n}`) })),
    name: fields['nm'] ?? '',
    votes,
    members,
    leases: new Map(Object.entries(fields).filter(([field]) => field.startsWith('l:')).map(([field, until]) => [field.slice(2), Number(until)])),
    expiresAt: number('x'),
  };
}

function bucketsOf(packed: string | undefined): Record['buckets'] {
  return (packed?.split(';') ?? []).map((bucket) => {
    const [at, calls, failures, slow] = bucket.split(',').map(Number);
    return { at: at!, calls: calls!, failures: failures!, slow: slow! };
  });
}

async function scores(client: Client, key: string): Promise<ReadonlyMap<string, number>> {
  return new Map((await client.zRangeWithScores(key, 0, -1)).map(({ value, score }) => [value, score]));
}
