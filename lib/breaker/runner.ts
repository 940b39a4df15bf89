import type { Call } from '../core/call';
import { rejected, type Args, type OnFailure, type OnSuccess, type Runner } from '../core/runner';
import { OpenStream } from '../core/stream';
import type { Permit } from '../core/policy';
import type { Rejection } from '../core/rejection';
import type { Breaker } from './breaker';
import { admitLater, guard } from './guard';

/** Finds the breaker of a call: the operation's, or that of the call's key or receiver. */
export interface BreakerSource {
  /** @throws {@link ConfigurationError} when the call has no key. */
  breakerFor(self: unknown, args: Args): Breaker;
  /** The same, as far as it is there: makes none, uses none, and does not throw. */
  peek(self: unknown, args: Args): Breaker | undefined;
}

/** Runs calls through the one breaker of an operation. */
export class BreakerRunner implements Runner {
  constructor(
    readonly breaker: Breaker,
    readonly next: Runner,
  ) {}

  run(call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    return guard(this.breaker, this.next, call, self, args, onSuccess, onFailure);
  }

  blockedForMs(self: unknown, args: Args): number {
    return Math.max(this.breaker.blockedMs(), this.next.blockedForMs(self, args));
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
    const breaker = this.source.peek(self, args);
    return Math.max(breaker?.blockedMs() ?? 0, this.next.blockedForMs(self, args));
  }

  /** Runs with the breaker of a call; rejects when it has none. */
  protected withBreaker(
    self: unknown,
    args: Args,
    onFailure: OnFailure | undefined,
    run: (breaker: Breaker) => Promise<unknown>,
  ): Promise<unknown> {
    let breaker: Breaker;
    try {
      breaker = this.source.breakerFor(self, args);
    } catch (error) {
      return rejected(error, onFailure);
    }
    return run(breaker);
  }
}

/** Runs each call through the breaker that its source names. */
export class ManyBreakersRunner extends SourcedRunner {
  run(call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    return this.withBreaker(self, args, onFailure, (breaker) =>
      guard(breaker, this.next, call, self, args, onSuccess, onFailure),
    );
  }
}

/** Runs calls of a function that gives a stream: the outcome is decided when the stream ends. */
export class StreamBreakerRunner extends SourcedRunner {
  run(call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    return this.withBreaker(self, args, onFailure, (breaker) => {
      const run = (permit: Permit): Promise<unknown> => {
        const report = (stream: unknown): unknown => {
          if (!OpenStream.is(stream)) return permit.success(stream);
          stream.report({
            onSuccess: permit.success,
            success: () => permit.leave?.(),
            ignore: permit.ignore,
            failed: (error) => (permit.failure(error) as Rejection).reason,
          });
          return stream;
        };
        return this.next.run(permit.call ?? call, self, args, report, permit.failure).then(onSuccess, onFailure);
      };
      const permit = breaker.admit(call);
      return permit === undefined ? admitLater(breaker, call, onFailure, run) : run(permit);
    });
  }
}

/** Lets calls pass, but knows whether the breaker, which another wrapper of the operation holds, would admit them. */
export class GateRunner extends SourcedRunner {
  run(call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    return this.next.run(call, self, args, onSuccess, onFailure);
  }
}
