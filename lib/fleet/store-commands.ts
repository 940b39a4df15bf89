import type { Clock } from '../core/clock';
import { isRefusal } from './store';
import { Timer } from './timer';

/** An answer, or why there is none. */
export type Reply<T> = { readonly answer: T } | { readonly error: unknown; readonly isRefused: boolean; readonly isGivenUp: boolean };

/** Sends commands to a store, gives up those that take too long, and counts them. */
export class StoreCommands {
  sent = 0;
  unanswered = 0;

  constructor(
    readonly timeoutMs: number,
    private readonly clock: Clock,
  ) {}

  /**
   * Never rejects.
   *
   * @param isAnswer - A store of somebody's own may answer anything.
   * @param settledLate - Told when a command settles that had been given up; the answer is undefined when it failed.
   */
  async send<T>(command: () => Promise<T>, isAnswer: (answer: T) => boolean, settledLate?: (answer: T | undefined) => void): Promise<Reply<T>> {
    this.sent++;
    const replied = replyOf(command, isAnswer);
    const reply = await this.#within(replied);
    if (reply === undefined) {
      this.unanswered++;
      void replied.then((late) => settledLate?.('answer' in late ? late.answer : undefined));
      return { error: new Error(`the store did not answer within ${this.timeoutMs} ms`), isRefused: false, isGivenUp: true };
    }
    if ('error' in reply && !reply.isRefused) this.unanswered++;
    return reply;
  }

  #within<T>(replied: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve) => {
      const timer = new Timer(this.clock);
      const giveUp = (): void => {
        resolve(undefined);
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
async function replyOf<T>(command: () => Promise<T>, isAnswer: (answer: T) => boolean): Promise<Reply<T>> {
  try {
    const answer = await command();
    if (isAnswer(answer)) return { answer };
    throw new Error('the store gave an answer that cannot be read');
  } catch (error) {
    return { error, isRefused: isRefusal(error), isGivenUp: false };
  }
}
