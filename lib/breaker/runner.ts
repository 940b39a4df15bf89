import type { Call } from '../core/call';
import { rejected, type Args, type OnFailure, type OnSuccess, type Runner } from '../core/runner';
import { OpenStream } from '../core/stream';
import type { OwnPermit } from './admission';
import { admitLater, asProbe, guard } from './guard';
import type { Machine } from './machine';

/** Finds the breaker of a call: the operation's, or that of the call's key or receiver. */
export interface BreakerSource {
  /** @throws {@link ConfigurationError} when the call has no key. */
  machineFor(self: unknown, args: Args): Machine;
  /** The same, as far as it is there: makes none, uses none, and does not throw. */
  peek(self: unknown, args: Args): Machine | undefined;
}

/** Runs calls through the one breaker of an operation. */
export class BreakerRunner implements Runner {
  constructor(
    readonly machine: Machine,
    readonly next: Runner,
  ) {}

  run(call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    return guard(this.machine, this.next, call, self, args, onSuccess, onFailure);
  }

  blockedForMs(self: unknown, args: Args): number {
    return Math.max(this.machine.blockedForMs(), this.next.blockedForMs(self, args));
  }
}

/** Runs calls whose breaker a source finds. */
abstract class SourcedRunner implements Runner {
  constructor(
    private readonly source: BreakerSource,
    protected readonly next: Runner,
  ) {}

  abstract run(call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown>;

  blockedForMs(self: unknown, args: Args): number {
    // A breaker that is not there yet blocks nothing.
    const machine = this.source.peek(self, args);
    return Math.max(machine?.blockedForMs() ?? 0, this.next.blockedForMs(self, args));
  }

  /** Runs with the breaker of a call; rejects when it has none. */
  protected withMachine(
    self: unknown,
    args: Args,
    onFailure: OnFailure | undefined,
    run: (machine: Machine) => Promise<unknown>,
  ): Promise<unknown> {
    let machine: Machine;
    try {
      machine = this.source.machineFor(self, args);
    } catch (error) {
      return rejected(error, onFailure);
    }
    return run(machine);
  }
}

/** Runs each call through the breaker that its source names. */
export class ManyBreakersRunner extends SourcedRunner {
  run(call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    return this.withMachine(self, args, onFailure, (machine) =>
      guard(machine, this.next, call, self, args, onSuccess, onFailure),
    );
  }
}

/** Runs calls of a function that gives a stream: the outcome is decided when the stream ends. */
export class StreamBreakerRunner extends SourcedRunner {
  run(call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    return this.withMachine(self, args, onFailure, (machine) => {
      const run = (permit: OwnPermit): Promise<unknown> => {
        const report = (stream: unknown): unknown => {
          if (OpenStream.is(stream)) stream.report(permit);
          else permit.onSuccess(stream);
          return stream;
        };
        return this.next.run(permit.isProbe ? asProbe(call, permit) : call, self, args, report, permit.onFailure).then(onSuccess, onFailure);
      };
      // One of its own: a stream that its consumer leaves is a success whose value nobody judges.
      const permit = machine.permit(call);
      return permit === undefined ? admitLater(machine, call, onFailure, run) : run(permit);
    });
  }
}

/** Lets calls pass, but knows whether the breaker, which another wrapper of the operation holds, would admit them. */
export class GateRunner extends SourcedRunner {
  run(call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    return this.next.run(call, self, args, onSuccess, onFailure);
  }
}
