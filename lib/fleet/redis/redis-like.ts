/**
 * What a store needs of a Redis client, made from the user's own by `fromNodeRedis`, `fromIoredis` or `fromGlide`. For another client, write
 * these three functions.
 */
export interface RedisLike {
  /** `EVALSHA sha numkeys key… arg…`. Rejects with the server's error, whose message has its code, as `NOSCRIPT`. */
  evalsha(sha: string, keys: readonly string[], args: readonly string[]): Promise<unknown>;
  /** `EVAL script numkeys key… arg…`. */
  eval(script: string, keys: readonly string[], args: readonly string[]): Promise<unknown>;
  /**
   * Subscribes to a channel, by a connection that may do nothing else, and that connects and subscribes again by itself.
   *
   * @param lost - To be called once when it will not any more: with the reason, or without one when the client was closed. The store then
   *   subscribes again when the server has answered something else.
   * @returns A function that ends it. `lost` is not called afterwards.
   */
  subscribe(channel: string, listener: (message: string) => void, lost: (reason?: unknown) => void): () => void;
}
