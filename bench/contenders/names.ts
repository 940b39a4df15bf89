/** The function itself, unprotected: the reference in every group. */
export const BARE = 'bare call';

/** The fastest breaker that we know how to write by hand. */
export const HAND_WRITTEN = 'hand-written breaker';

/** What stands for us in every group: the wrapper of this work, `withBreaker` and the like. */
export const OURS = 'breaker-box';
