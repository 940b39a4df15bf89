/** The clients that there are adapters for, and how each is told from the others. */
const CLIENTS = [
  { adapter: 'fromNodeRedis', client: 'node-redis', methods: ['evalSha', 'eval', 'subscribe'] },
  { adapter: 'fromIoredis', client: 'ioredis', methods: ['evalsha', 'eval', 'duplicate'] },
  { adapter: 'fromGlide', client: 'valkey-glide', methods: ['customCommand'] },
] as const;

type Adapter = (typeof CLIENTS)[number]['adapter'];

/** Of which package a client is; `undefined` for what is none of them. */
export function clientKind(given: unknown): (typeof CLIENTS)[number] | undefined {
  return CLIENTS.find(({ methods }) => hasMethods(given, methods));
}

export function isRedisLike(given: unknown): boolean {
  return hasMethods(given, ['eval']) && clientKind(given) === undefined && !hasMethods(given, ['evalSha']);
}

/** What to say of a value that an adapter cannot take. */
export function misfit(given: unknown, adapter: Adapter): string | undefined {
  const found = clientKind(given);
  if (found?.adapter === adapter) return undefined;
  const wanted = CLIENTS.find((one) => one.adapter === adapter);
  if (found !== undefined) return `must be a client of ${wanted?.client}; that is one of ${found.client}: ${found.adapter}(client)`;
  if (isRedisLike(given)) return 'must be a client; that is what an adapter has made already: hand it to redisStore';
  return `must be a client of ${wanted?.client} (with ${wanted?.methods.join(', ')}); a pool is none, since it cannot subscribe`;
}

function hasMethods(given: unknown, methods: readonly string[]): boolean {
  if (given === null || (typeof given !== 'object' && typeof given !== 'function')) return false;
  return methods.every((method) => typeof (given as Record<string, unknown>)[method] === 'function');
}
