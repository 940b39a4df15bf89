import type { Clock } from '../core/clock';
import { isRecord } from '../core/options';
import type { Random } from '../core/random';
import type { BreakerState } from '../breaker/events';
import { isRecordError, type Answer, type Command, type Sender, type SharedRecordError, type SharedStore } from './shared-store';
import { Timer } from './timer';

type Unsent<C> = C extends unknown ? Omit<C, keyof Sender> : never;

/** A command as who wants it says it; the rest is the same for all. */
export type Wish = Unsent<Command>;

/** An answer, the error of a record that cannot be used, or nothing: then the store is away. */
export type Reply = Answer | SharedRecordError | undefined;

/** What a link leaves to those it is for. */
export interface LinkOwner {
  /** Told of each change of the store's health. */
  healthChanged(health: 'up' | 'down', error: unknown): void;
  /** Sends a command that shows whether the store is back. @returns Settles with it; undefined when there is none to send. */
  test(): Promise<unknown> | undefined;
}

export interface LinkOptions {
  readonly commandTimeout: number;
  readonly pollInterval: number;
}

/** How much rarer tests become while a client keeps those before: nothing says that it ever lets go of them. */
const LONGEST_PAUSE_MS = 30_000;

/**
 * The way to the store, and its health. A command that fails, or is not answered in time, ends it: until one is answered again, none is sent but
 * a test now and then. So what piles up in a client while its server is away is what was under way, and a few tests.
 */
export class StoreLink {
  health: 'up' | 'down' = 'up';
  commands = 0;
  unanswered = 0;
  votes = 0;
  /** Of the breaker that was asked for last. */
  processes = 0;
  /** Commands that the client has not settled. */
  #pending = 0;
  #pauseMs: number;
  /** The store's clock over ours, in milliseconds; undefined before the first answer. */
  #aheadMs: number | undefined;
  readonly #test: Timer;
  #isTesting = false;
  #isStopped = false;

  constructor(
    private readonly store: SharedStore,
    private readonly owner: LinkOwner,
    private readonly options: LinkOptions,
    private readonly clock: Clock,
    private readonly random: Random,
  ) {
    this.#pauseMs = options.pollInterval;
    this.#test = new Timer(clock);
  }

  get isUp(): boolean {
    return this.health === 'up';
  }

  /**
   * Sends a command. Never rejects.
   *
   * @param late - Told of an answer that came when the command had been given up.
   */
  async send(breaker: string, command: Command, late?: (answer: Answer) => void): Promise<Reply> {
    if (!this.isUp && !this.#isTesting) return undefined;
    this.commands++;
    const sentAtMs = this.clock.now();
    const stamped = this.#aheadMs === undefined ? command : { ...command, at: Math.round(sentAtMs + this.#aheadMs) };
    this.#pending++;
    const answered = settled(() => this.store.apply(breaker, stamped));
    const reply = await this.#within(answered);
    if (reply === GIVEN_UP) {
      void answered.then((laterReply) => {
        this.#pending--;
        if (laterReply instanceof Failure) return;
        late?.(laterReply);
        this.#retest();
      });
      return this.#lose(new Error(`the store did not answer within ${this.options.commandTimeout} ms`));
    }
    this.#pending--;
    if (reply instanceof Failure) {
      if (!isRecordError(reply.error)) return this.#lose(reply.error);
      this.#found();
      return reply.error;
    }
    this.#aheadMs = reply.now - (sentAtMs + this.clock.now()) / 2;
    this.#found();
    this.processes = reply.processes;
    if (command.kind === 'vote' && reply.done) this.votes++;
    return reply;
  }

  stop(): void {
    this.#isStopped = true;
    this.#test.stop();
  }

  #within(answered: Promise<Answer | Failure>): Promise<Answer | Failure | typeof GIVEN_UP> {
    return new Promise((resolve) => {
      const timer = new Timer(this.clock);
      // Once more round: where the whole process stood still, the answer may be there and wait to be read.
      timer.start(this.options.commandTimeout, () => {
        timer.start(0, () => {
          timer.start(0, () => {
            resolve(GIVEN_UP);
          });
        });
      });
      void answered.then((reply) => {
        timer.stop();
        resolve(reply);
      });
    });
  }

  #lose(error: unknown): undefined {
    this.unanswered++;
    if (this.isUp) {
      this.health = 'down';
      this.#pauseMs = this.options.pollInterval;
      this.owner.healthChanged('down', error);
    }
    this.#testLater(this.#pauseMs);
  }

  #found(): void {
    if (this.isUp) return;
    this.health = 'up';
    this.#test.stop();
    this.owner.healthChanged('up', undefined);
  }

  /** A sign of life: what was given up has been answered. */
  #retest(): void {
    if (!this.isUp) this.#testLater(Math.min(this.options.commandTimeout, this.options.pollInterval));
  }

  #testLater(pauseMs: number): void {
    // A command that was under way at the end may fail yet.
    if (this.#isStopped) return;
    this.#test.start(pauseMs * (0.8 + 0.4 * this.random()), () => {
      this.#pauseMs = this.#pending === 0 ? this.options.pollInterval : Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
      this.#isTesting = true;
      const test = this.owner.test();
      this.#isTesting = false;
      if (test === undefined) this.#testLater(this.#pauseMs);
    });
  }
}

const GIVEN_UP = Symbol('given up');

class Failure {
  constructor(readonly error: unknown) {}
}

/** A store may throw at once, too, and a store of somebody's own may answer anything. */
async function settled(apply: () => Promise<Answer>): Promise<Answer | Failure> {
  try {
    const answer = await apply();
    return isAnswer(answer) ? answer : new Failure(new Error('the store gave an answer that cannot be read'));
  } catch (error) {
    return new Failure(error);
  }
}

const STATES: readonly unknown[] = ['closed', 'open', 'half_open'] satisfies BreakerState[];

function isAnswer(answer: unknown): answer is Answer {
  if (!isRecord(answer)) return false;
  const numbers = [answer['epoch'], answer['remaining'], answer['reopenings'], answer['now'], answer['wait']];
  return numbers.every(Number.isFinite) && STATES.includes(answer['state']) && typeof answer['done'] === 'boolean';
}
