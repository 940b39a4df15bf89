import { problems, type Check } from '../core/check';
import { isRefusal } from './store';
import { Timer, type Timers } from './timer';

/** An answer, or why there is none. */
export type Reply<T> = { readonly answer: T } | { readonly error: unknown; readonly isRefused: boolean };

/** Sends commands to a store, gives up those that take too long, and counts them. */
export class StoreCommands {
  sent = 0;
  unanswered = 0;

  constructor(
    private readonly timeoutMs: number,
    private readonly timers: Timers,
  ) {}

  /**
   * Never rejects.
   *
   * @param answers - A store of somebody's own may answer anything.
   */
  async send<T>(command: () => Promise<T>, answers: Check<unknown>): Promise<Reply<T>> {
    this.sent++;
    const reply = await this.#within(replyOf(command, answers));
    if ('error' in reply && !reply.isRefused) this.unanswered++;
    return reply;
  }

  #within<T>(replied: Promise<Reply<T>>): Promise<Reply<T>> {
    return new Promise((resolve) => {
      const timer = new Timer(this.timers);
      const giveUp = (): void => {
        resolve({ error: new Error(`the store did not answer within ${this.timeoutMs} ms`), isRefused: false });
      };
      // Two rounds more: where the whole process stood still, the answer may be there and wait to be read.
      timer.start(this.timeoutMs, () => {
        timer.start(0, () => {
          timer.start(0, giveUp);
        });
      });
      void replied.then((reply) => {
        timer.stop();
        resolve(reply);
      });
    });
  }
}

/** A store may throw at once, too. */
async function replyOf<T>(command: () => Promise<T>, answers: Check<unknown>): Promise<Reply<T>> {
  try {
    const answer = await command();
    if (problems(answers, answer).length === 0) return { answer };
    throw new Error('the store gave an answer that cannot be read');
  } catch (error) {
    return { error, isRefused: isRefusal(error) };
  }
}
