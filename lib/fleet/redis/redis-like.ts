/**
 * What a store needs of a Redis client, made from the user's own by `fromNodeRedis`, `fromIoredis`, `fromGlide` or `fromRest`. For another client,
 * write these functions.
 */
export interface RedisLike {
  /** `EVAL script numkeys key… arg…`. Rejects with the server's error, whose message has its code, as `WRONGTYPE`. */
  eval(script: string, keys: readonly string[], args: readonly string[]): Promise<unknown>;
  /** `EVALSHA sha numkeys key… arg…`. @defaultValue none: each script is sent whole */
  evalsha?(sha: string, keys: readonly string[], args: readonly string[]): Promise<unknown>;
  /** Whether all keys may be read by one command, as from a server that is no part of a cluster. @defaultValue false: one command for each of 16 shards */
  readonly isOneShard?: boolean;
  /**
   * Subscribes to a channel, by a connection that may do nothing else, and that connects and subscribes again by itself.
   *
   * @param lost - To be called once when it will not any more: with the reason, or without one when the client was closed. The store then
   *   subscribes again when the server has answered something else.
   * @defaultValue none: processes learn of what others do when they poll
   */
  subscribe?(channel: string, listener: (message: string | Uint8Array) => void, lost: (reason?: unknown) => void): Subscription;
}

export interface Subscription {
  /** Ends it. `lost` is not called afterwards. */
  end(): void;
  /** Asks the server for any answer over the connection that subscribes: one that is dead, and silent, is found so. */
  ping?(): Promise<unknown>;
}
