import type { BreakerOptions, BreakerState } from 'breaker-box';
import type { ShareOptions, SharingStats } from 'breaker-box/redis';

/** What a process of the fleet is. */
export interface Setup {
  /** Names of keys and of the channel begin with it: every measurement has its own. */
  readonly prefix: string;
  readonly operations: readonly string[];
  readonly breaker: BreakerOptions;
  readonly share: ShareOptions;
  /** What its operations ask; none: they work by themselves, and fail when told to. */
  readonly dependencyUrl?: string;
}

/** What a process is told to do. */
export type Order =
  /** Calls an operation once, and that fails. */
  | { readonly kind: 'fail'; readonly operation: string }
  /** Calls operations again and again, with so many milliseconds between the calls of each. */
  | { readonly kind: 'keep calling'; readonly operations: readonly string[]; readonly intervalMs: number }
  | { readonly kind: 'stop calling' }
  | { readonly kind: 'stats' };

/** What a process tells. */
export type News =
  | { readonly kind: 'ready' }
  /** An order was carried out. */
  | { readonly kind: 'done'; readonly stats: SharingStats; readonly cpuMs: number }
  | Transition
  /** It goes on by itself, without the store. */
  | { readonly kind: 'lost'; readonly why: string };

export interface Transition {
  readonly kind: 'transition';
  readonly operation: string;
  readonly to: BreakerState;
  /** By the clock that processes have in common. */
  readonly atMs: number;
  /** Whether a call was rejected that was made there and then: one is, by a circuit that opened, where there is no dependency. */
  readonly rejects: boolean;
}
