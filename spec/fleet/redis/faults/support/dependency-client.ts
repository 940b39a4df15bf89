import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { machineMs } from '../../../../support/machine-time';
import type { Passage, Request, Response } from './dependency';

/** The way of a member to the dependency: one connection. */
export class DependencyClient {
  readonly #answers = new Map<number, (isOk: boolean) => void>();
  #calls = 0;

  private constructor(
    private readonly socket: Socket,
    private readonly member: number,
  ) {
    createInterface({ input: socket }).on('line', (line) => {
      const { call, isOk } = JSON.parse(line) as Response;
      this.#answers.get(call)?.(isOk);
      this.#answers.delete(call);
    });
  }

  static async connect(port: number, member: number): Promise<DependencyClient> {
    const socket = connect(port, '127.0.0.1').setNoDelay();
    await once(socket, 'connect');
    return new DependencyClient(socket, member);
  }

  async call(passage: Passage, signal: AbortSignal | undefined): Promise<string> {
    const call = ++this.#calls;
    this.#send({ call, member: this.member, passage, at: machineMs() });
    const isOk = await new Promise<boolean>((resolve, reject) => {
      this.#answers.set(call, resolve);
      signal?.addEventListener('abort', () => {
        this.#send({ call, givenUpAt: machineMs() });
        reject(signal.reason as Error);
      });
    });
    if (!isOk) throw new Error('the dependency is down');
    return 'served';
  }

  #send(request: Request): void {
    this.socket.write(`${JSON.stringify(request)}\n`);
  }
}
