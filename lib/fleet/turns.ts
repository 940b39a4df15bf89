/** Lets a few tasks run at once; the others wait for their turn. */
export class Turns {
  readonly #waiting: (() => Promise<unknown>)[] = [];
  #running = 0;

  constructor(private readonly most: number) {}

  run(task: () => Promise<unknown>): void {
    this.#waiting.push(task);
    this.#fill();
  }

  #fill(): void {
    while (this.#running < this.most) {
      const task = this.#waiting.shift();
      if (task === undefined) return;
      this.#running++;
      void task().then(() => {
        this.#running--;
        this.#fill();
      });
    }
  }
}
