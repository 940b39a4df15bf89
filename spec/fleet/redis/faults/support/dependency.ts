import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { machineMs, pass } from '../../../../support/machine-time';

/** How the breaker of its caller let a call through: as any, as a probe of the fleet's, or as one of a process that goes on by itself. */
export type Passage = 'call' | 'probe' | 'own probe';

/** A call as the dependency saw it. Times are of the clock that all processes have in common. */
export interface Run {
  readonly member: number;
  readonly passage: Passage;
  /** When its caller began it. */
  readonly startedAt: number;
  /** When it was answered, or its caller gave it up. */
  endedAt: number;
  readonly isOk: boolean;
}

/** What a member says: that it begins a call, or gives it up. */
export type Request =
  | { readonly call: number; readonly member: number; readonly passage: Passage; readonly at: number }
  | { readonly call: number; readonly givenUpAt: number };

export interface Response {
  readonly call: number;
  readonly isOk: boolean;
}

/** What all members call. It keeps a log, and fails for whom it is told to. */
export class Dependency {
  readonly log: Run[] = [];
  /** How long it takes for a call, in milliseconds. */
  latencyMs = 5;
  /** The same for probes, which last longer, so that two would be seen to run at once. */
  probeLatencyMs = 60;
  readonly #failing = new Set<number>();
  readonly #sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
      this.#serve(socket);
    });
  }

  static async start(): Promise<Dependency> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Dependency(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  failFor(...members: number[]): void {
    for (const member of members) this.#failing.add(member);
  }

  /** When it answered a member that it was down, in turn. */
  failuresSince(at: number, member: number): number[] {
    const failures = this.log.filter((run) => run.member === member && !run.isOk && run.endedAt > at);
    return failures.map(({ endedAt }) => endedAt).sort((a, b) => a - b);
  }

  recover(): void {
    this.#failing.clear();
  }

  async stop(): Promise<void> {
    this.server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.server, 'close');
  }

  #serve(socket: Socket): void {
    const runs = new Map<number, Run>();
    // The reader has the errors of the socket as well: a member was ended.
    createInterface({ input: socket }).on('error', () => undefined).on('line', (line) => {
      const request = JSON.parse(line) as Request;
      const run = runs.get(request.call);
      if ('givenUpAt' in request) {
        if (run !== undefined) run.endedAt = Math.min(run.endedAt, request.givenUpAt);
        return;
      }
      const { call, member, passage, at: startedAt } = request;
      const begun: Run = { member, passage, startedAt, endedAt: Infinity, isOk: !this.#failing.has(member) };
      runs.set(call, begun);
      this.log.push(begun);
      void pass(passage === 'probe' ? this.probeLatencyMs : this.latencyMs).then(() => {
        begun.endedAt = Math.min(begun.endedAt, machineMs());
        if (socket.writable) socket.write(`${JSON.stringify({ call, isOk: begun.isOk } satisfies Response)}\n`);
      });
    });
  }
}
