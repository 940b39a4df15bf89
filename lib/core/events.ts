/** What every event carries: its type, the operation (and key) it is about, and when (epoch milliseconds). */
export interface BaseEvent {
  readonly type: string;
  readonly operation: string;
  readonly key?: string;
  readonly at: number;
}

/** What every event carries that tells what a policy did to an attempt of a call. */
export interface PolicyEvent<T extends string> extends BaseEvent {
  readonly type: T;
  /** The call that the attempt belongs to; absent while nobody watches calls. */
  readonly callId?: number;
  /** From 1. */
  readonly attempt: number;
}

/** Every event there is, and whether it is hot: it happens at every call. */
export type EventTypes<Events> = Readonly<Record<keyof Events, boolean>>;
