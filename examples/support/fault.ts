/** What can go wrong with one request, as a client of a real service meets it. */
export type Fault =
  /** Answers, but with an error; `retryAfter` in seconds, as HTTP has it. */
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: number }
  /** Accepts the request and never answers. */
  | { readonly kind: 'hang' }
  /** Answers properly, but late. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** Closes the connection without a word. */
  | { readonly kind: 'drop' }
  /** Closes the connection in the middle of the body. */
  | { readonly kind: 'cut'; readonly afterBytes: number };

export const fault = {
  status: (status: number, retryAfter?: number): Fault =>
    retryAfter === undefined ? { kind: 'status', status } : { kind: 'status', status, retryAfter },
  hang: (): Fault => ({ kind: 'hang' }),
  delay: (delayMs: number): Fault => ({ kind: 'delay', delayMs }),
  drop: (): Fault => ({ kind: 'drop' }),
  cut: (afterBytes: number): Fault => ({ kind: 'cut', afterBytes }),
};
