/** A command failed, or was used wrongly: one line for people. */
export class Failure extends Error {
  /** @param exitCode - 1: it could not; 2: wrong use. */
  constructor(
    message: string,
    readonly exitCode: 1 | 2 = 1,
  ) {
    super(message);
  }
}
