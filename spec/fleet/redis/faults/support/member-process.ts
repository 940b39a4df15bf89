import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { BreakerState } from '../../../../../lib';
import type { MemberMessage, MemberOrder, MemberReport, MemberSetting } from './member-messages';

type Told<K extends MemberMessage['kind']> = Extract<MemberMessage, { kind: K }>;

/** A forked process of a fleet, and what it has told so far. */
export class MemberProcess {
  readonly confirmed: Told<'confirmed'>[] = [];
  readonly transitions: Told<'transition'>[] = [];
  readonly store: Told<'store'>[] = [];
  readonly #process: ChildProcess;
  #reported: ((report: MemberReport) => void) | undefined;

  constructor(
    program: string,
    readonly setting: MemberSetting,
  ) {
    this.#process = fork(program, [JSON.stringify(setting)], { execArgv: ['--expose-gc'] });
    this.#process.on('message', (message: MemberMessage) => {
      this.#hear(message);
    });
  }

  get number(): number {
    return this.setting.member;
  }

  /** The state that it goes by. */
  get state(): BreakerState {
    return this.transitions.at(-1)?.to ?? 'closed';
  }

  /** The health of its store, as it was told in turn. */
  get health(): string[] {
    return this.store.map(({ health, operation }) => (operation === '' ? health : `${operation} ${health}`));
  }

  order(order: MemberOrder): void {
    this.#process.send(order);
  }

  report(): Promise<MemberReport> {
    return new Promise((resolve, reject) => {
      this.#process.once('exit', (code, signal) => {
        reject(new Error(`member ${this.number} has ended: ${code ?? signal}`));
      });
      this.#reported = resolve;
      this.order({ kind: 'report' });
    });
  }

  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== null || signalCode !== null) return;
    const exit = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await exit;
  }

  #hear(message: MemberMessage): void {
    switch (message.kind) {
      case 'confirmed':
        this.confirmed.push(message);
        break;
      case 'transition':
        this.transitions.push(message);
        break;
      case 'store':
        this.store.push(message);
        break;
      case 'report':
        this.#reported?.(message.report);
    }
  }
}
