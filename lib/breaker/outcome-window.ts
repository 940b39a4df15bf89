/** The outcomes a rate is computed from. Recording and reading cost the same whatever the window's size. */
export interface OutcomeWindow {
  /** Outcomes in the window, as of the last {@link OutcomeWindow.record} or {@link OutcomeWindow.advance}. */
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
  /** Adds an outcome at `nowMs`. */
  record(failed: boolean, slow: boolean, nowMs: number): void;
  /** Moves the outcome of the last {@link OutcomeWindow.record} to `nowMs`, and forgets what has left the window by then. */
  redate(failed: boolean, slow: boolean, nowMs: number): void;
  /** Forgets what has left the window by `nowMs`. */
  advance(nowMs: number): void;
  /** The content as plain JSON. */
  save(nowMs: number): WindowContent;
  /** Takes over the content of another window, as far as it fits; what was saved `gapMs` ago has aged so much. */
  load(content: WindowContent, nowMs: number, gapMs: number): void;
}

/** A window's content as plain JSON. */
export type WindowContent =
  /** One digit an outcome, oldest first: 1 for a failure, plus 2 for a slow call. */
  | { readonly type: 'count'; readonly outcomes: string }
  /** Outcomes by age in milliseconds, oldest first. */
  | { readonly type: 'time'; readonly buckets: readonly AgedBucket[] };

export interface AgedBucket {
  readonly age: number;
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
}
