import type { Call } from '../../core/call';
import { rejected, type Args, type OnFailure, type OnSuccess, type Runner } from '../../core/runner';
import { OpenStream } from '../../core/stream';
import { guard } from './guard';
import type { Machine } from './machine';

/** Finds the breaker of a call: the operation's, or that of the call's key or receiver. */
export interface BreakerSource {
  /** @throws {@link ConfigurationError} when the call has no key. */
  machineFor(self: unknown, args: Args): Machine;
  /** The same, as far as it is there: makes none, uses none, and does not throw. */
  peek(self: unknown, args: Args): Machine | undefined;
}

/** A breaker that is not there yet blocks nothing. */
function blockedForMs(source: BreakerSource, self: unknown, args: Args): number {
  return source.peek(self, args)?.blockedForMs() ?? 0;
}

/** Runs calls through the one breaker of an operation. */
export class BreakerRunner implements Runner {
  constructor(
    private readonly machine: Machine,
    private readonly next: Runner,
  ) {}

  run(call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    return guard(this.machine, this.next, call, self, args, onSuccess, onFailure);
  }

  blockedForMs(self: unknown, args: Args): number {
    return Math.max(this.machine.blockedForMs(), this.next.blockedForMs(self, args));
  }
}

/** Runs each call through the breaker that its source names. */
export class ManyBreakersRunner implements Runner {
  constructor(
    private readonly source: BreakerSource,
    private readonly next: Runner,
  ) {}

  run(call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    let machine: Machine;
    try {
      machine = this.source.machineFor(self, args);
    } catch (error) {
      return rejected(error, onFailure);
    }
    return guard(machine, this.next, call, self, args, onSuccess, onFailure);
  }

  blockedForMs(self: unknown, args: Args): number {
    return Math.max(blockedForMs(this.source, self, args), this.next.blockedForMs(self, args));
  }
}

/** Runs calls of a function that gives a stream: the outcome is decided when the stream ends. */
export class StreamBreakerRunner implements Runner {
  constructor(
    private readonly source: BreakerSource,
    private readonly next: Runner,
  ) {}

  run(call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    let machine: Machine;
    try {
      machine = this.source.machineFor(self, args);
    } catch (error) {
      return rejected(error, onFailure);
    }
    // One of its own: a stream that its consumer leaves is a success whose value nobody judges.
    const permit = machine.permit(call);
    if (permit === undefined) return rejected(machine.reject(call), onFailure);
    return this.next
      .run(
        call,
        self,
        args,
        (stream) => {
          if (stream instanceof OpenStream) stream.report(permit);
          else permit.onSuccess(stream);
          return stream;
        },
        permit.onFailure,
      )
      .then(onSuccess, onFailure);
  }

  blockedForMs(self: unknown, args: Args): number {
    return Math.max(blockedForMs(this.source, self, args), this.next.blockedForMs(self, args));
  }
}

/** Lets calls pass, but knows whether the breaker, which another wrapper of the operation holds, would admit them. */
export class GateRunner implements Runner {
  constructor(
    private readonly source: BreakerSource,
    private readonly next: Runner,
  ) {}

  run(call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    return this.next.run(call, self, args, onSuccess, onFailure);
  }

  blockedForMs(self: unknown, args: Args): number {
    return Math.max(blockedForMs(this.source, self, args), this.next.blockedForMs(self, args));
  }
}
