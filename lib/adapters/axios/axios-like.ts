/**
 * As much of axios as is used, so that its user's own copy is: errors are then instances of the `AxiosError` that the user imports, which
 * those of a copy that we import might not be (CommonJS and ES modules of axios are two).
 */
export interface AxiosLike<A extends Adapter> {
  /** The adapter that some names or functions stand for. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  getAdapter(adapters: any, config?: any): A;
  readonly defaults: { adapter?: unknown };
}

/** An adapter of axios: sends a request. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Adapter = (config: any) => Promise<any>;

/** The configuration that an adapter takes. */
export type ConfigOf<A extends Adapter> = Parameters<A>[0];
