export const standards = ['legacy', 'TC39'] as const;

/** Which decorators a compiler is told to make: `experimentalDecorators`, or the standard ones. */
export type Standard = (typeof standards)[number];

/** A compiler with its settings. */
export interface Toolchain {
  readonly name: string;
  readonly standard: Standard;
  /** Whether async generators stay what they are, or become functions that nothing tells from others. */
  readonly nativeStreams: boolean;
  /** Whether a class that mentions itself in a static initializer keeps its name. */
  readonly keepsNames: boolean;
  /** Whether it tells the types of parameters (`emitDecoratorMetadata`), which NestJS and others need. */
  readonly emitsMetadata: boolean;
  /** Suites of what it cannot do. */
  readonly unsupported?: readonly string[];
  /** The CommonJS text of a TypeScript file. */
  emit(file: string): string;
}
