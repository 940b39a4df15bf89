export * from '..';
export { fromGlide, type GlideCommands, type GlideOptions, type GlideSubscriber } from './from-glide';
export { fromIoredis, type IoredisClient, type IoredisSubscriber } from './from-ioredis';
export { fromNodeRedis, type NodeRedisClient, type NodeRedisSubscriber } from './from-node-redis';
export { fromRest, type RestOptions } from './from-rest';
export type { RedisLike } from './redis-like';
export { redisStore, type RedisStoreOptions } from './redis-store';
