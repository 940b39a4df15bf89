import type { Library } from './libraries';

/** A figure that is no time of a call: bytes of heap or of a bundle, milliseconds of an import. */
interface Figure {
  readonly library: Library;
  readonly value: number;
  /** The part of the work that it does not do: shown beside the others, but no rival. */
  readonly lacks?: string | undefined;
}

/** The same thing of several libraries; less is better. */
export interface Comparison {
  readonly title: string;
  readonly unit: 'bytes' | 'ms';
  readonly figures: readonly Figure[];
}
