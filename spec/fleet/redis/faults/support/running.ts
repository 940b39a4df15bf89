interface Stoppable {
  stop(): Promise<void>;
}

/** What a spec has started, to be stopped after it, the last first. */
export class Running {
  readonly #started: Stoppable[] = [];

  async start<T extends Stoppable>(starting: Promise<T>): Promise<T> {
    const one = await starting;
    this.#started.unshift(one);
    return one;
  }

  async stop(): Promise<void> {
    for (const one of this.#started.splice(0)) await one.stop();
  }
}
