import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { CircuitOpenError } from '../../lib';
import { type BreakerSnapshot, clearOverride, configure, disable, forceOpen, restore, shadow } from '../../lib/operate';
import type { ManualClock } from './manual-clock';
import { compareEvents, compareReadings, compareRejection } from './model-comparison';
import { ModelSubject, type Entrance, type HeldCall, type Listening } from './model-subject';
import type { ReferenceBreaker } from './reference-breaker';
import type { Outcome, Override, ReferenceOptions, ReferencePermit, ReferenceSnapshot } from './reference-types';

/** The reference's side of a run. */
export interface Model {
  reference: ReferenceBreaker;
  calls: ReferencePermit[];
  snapshot?: ReferenceSnapshot;
}

/** The library's side. Its calls under way stand at the same places as the model's. */
export interface Real {
  subject: ModelSubject;
  calls: HeldCall[];
  snapshot?: BreakerSnapshot;
  readonly clock: ManualClock;
  readonly listening: Listening;
  /** Reading must change nothing, so some runs read only when a command says so. */
  readonly readsAlways: boolean;
}

/** One thing done to both sides, after which they must agree. */
export abstract class ModelCommand implements fc.AsyncCommand<Model, Real> {
  constructor(readonly label: string) {}

  check(_model: Readonly<Model>): boolean {
    return true;
  }

  async run(model: Model, real: Real): Promise<void> {
    await this.apply(model, real);
    compareEvents(real.subject, model.reference);
    if (real.readsAlways) compareReadings(real.subject.breaker, model.reference);
  }

  toString(): string {
    return this.label;
  }

  protected abstract apply(model: Model, real: Real): Promise<void> | void;
}

export class Enter extends ModelCommand {
  constructor(readonly entrance: Entrance) {
    super(`enter by ${entrance}`);
  }

  protected async apply(model: Model, real: Real): Promise<void> {
    const permit = model.reference.tryAcquire();
    const call = await real.subject.enter(this.entrance);
    if (call instanceof CircuitOpenError) compareRejection(call, model.reference);
    const admitted = call instanceof CircuitOpenError ? undefined : call;
    deepStrictEqual({ admitted: admitted !== undefined }, { admitted: permit !== undefined });
    if (permit === undefined || admitted === undefined) return;
    deepStrictEqual({ isProbe: admitted.isProbe ?? permit.isProbe }, { isProbe: permit.isProbe });
    model.calls.push(permit);
    real.calls.push(admitted);
  }
}

export class Settle extends ModelCommand {
  /** @param pick - Which of the calls under way, counted round and round. */
  constructor(readonly pick: number, readonly outcome: Outcome) {
    super(`settle call ${pick}: ${outcome}`);
  }

  override check({ calls }: Readonly<Model>): boolean {
    return calls.length > 0;
  }

  protected async apply(model: Model, real: Real): Promise<void> {
    const place = this.pick % model.calls.length;
    const [permit] = model.calls.splice(place, 1);
    const [call] = real.calls.splice(place, 1);
    const error = failure(real);
    model.reference.settle(permit!, this.outcome, error);
    await call!.settle(this.outcome, error);
  }
}

/** A whole call at once, by the synchronous entrance. */
export class RunSync extends ModelCommand {
  constructor(readonly outcome: Outcome, readonly duration: number) {
    super(`run for ${duration} ms: ${outcome}`);
  }

  protected apply(model: Model, real: Real): void {
    const permit = model.reference.tryAcquire();
    const error = failure(real);
    const ran = real.subject.runSync(this.outcome, error, () => real.clock.advance(this.duration));
    deepStrictEqual({ ran }, { ran: permit !== undefined });
    if (permit !== undefined) model.reference.settle(permit, this.outcome, error);
  }
}

export class Advance extends ModelCommand {
  constructor(readonly ms: number) {
    super(`advance ${ms} ms`);
  }

  protected apply(_model: Model, { clock }: Real): void {
    clock.advance(this.ms);
  }
}

/** To the instant at which the circuit may be probed, or next to it: where an off-by-one would be. */
export class AdvanceToProbe extends ModelCommand {
  constructor(readonly past: number) {
    super(`advance to the next probe${past === 0 ? '' : ` ${past} ms`}`);
  }

  override check({ reference: { retryAfter } }: Readonly<Model>): boolean {
    return retryAfter > 0 && Number.isFinite(retryAfter);
  }

  protected apply({ reference }: Model, { clock }: Real): void {
    clock.advance(reference.retryAfter + this.past);
  }
}

export class JumpWallTime extends ModelCommand {
  constructor(readonly ms: number) {
    super(`wall clock jumps ${ms} ms`);
  }

  /** Both sides look at once: when the library looks by itself is tested elsewhere. */
  protected apply({ reference }: Model, { clock, subject }: Real): void {
    clock.jumpWallTime(this.ms);
    reference.snapshot();
    subject.snapshot();
  }
}

export class Trip extends ModelCommand {
  constructor() {
    super('trip');
  }

  protected apply({ reference }: Model, { subject }: Real): void {
    reference.trip();
    subject.breaker.trip();
  }
}

export class Reset extends ModelCommand {
  constructor() {
    super('reset');
  }

  protected apply({ reference }: Model, { subject }: Real): void {
    reference.reset();
    subject.breaker.reset();
  }
}

export class LayOver extends ModelCommand {
  constructor(readonly kind: Override, readonly lasts: number | undefined) {
    super(`${kind}${lasts === undefined ? '' : ` for ${lasts} ms`}`);
  }

  protected apply({ reference }: Model, { subject: { breaker } }: Real): void {
    const options = { for: this.lasts };
    reference.lay(this.kind, this.lasts);
    if (this.kind === 'forced_open') forceOpen(breaker, options);
    else if (this.kind === 'disabled') disable(breaker, options);
    else shadow(breaker, options);
  }
}

export class ClearOverride extends ModelCommand {
  constructor() {
    super('clear override');
  }

  protected apply({ reference }: Model, { subject }: Real): void {
    reference.clearOverride();
    clearOverride(subject.breaker);
  }
}

export class Configure extends ModelCommand {
  constructor(readonly options: ReferenceOptions) {
    super(`configure ${fc.stringify(options)}`);
  }

  /** A call is timed only when its duration matters: one under way is not slow when slowness begins to matter. */
  override check({ calls, reference }: Readonly<Model>): boolean {
    const beginsToMatter = this.options.window?.slowCallDuration && !reference.options.window?.slowCallDuration;
    return !beginsToMatter || calls.length === 0;
  }

  protected apply({ reference }: Model, { subject }: Real): void {
    reference.configure(this.options);
    configure(subject.breaker, this.options);
  }
}

export class TakeSnapshot extends ModelCommand {
  constructor() {
    super('take snapshot');
  }

  protected apply(model: Model, real: Real): void {
    model.snapshot = model.reference.snapshot();
    real.snapshot = real.subject.snapshot();
  }
}

/** The breaker goes back to what it was: calls under way become late. */
export class Restore extends ModelCommand {
  constructor(label = 'restore') {
    super(label);
  }

  override check({ snapshot }: Readonly<Model>): boolean {
    return snapshot !== undefined;
  }

  protected apply(model: Model, { subject, snapshot }: Real): void {
    const older = Math.max(subject.snapshot().epoch, snapshot!.epoch);
    model.reference.restore(model.snapshot!);
    restore(subject.breaker, snapshot!);
    deepStrictEqual({ beganNewEpoch: subject.snapshot().epoch > older }, { beganNewEpoch: true });
  }
}

/** The process ends, its calls with it, and the next one begins with what was saved. */
export class Restart extends Restore {
  constructor() {
    super('restart');
  }

  protected override apply(model: Model, real: Real): void {
    const options = writable(model.reference.options);
    model.reference = model.reference.another(options);
    real.subject = new ModelSubject(options, real.clock, real.listening);
    model.calls = [];
    real.calls = [];
    super.apply(model, real);
  }
}

export class Read extends ModelCommand {
  constructor() {
    super('read');
  }

  protected apply({ reference }: Model, { subject }: Real): void {
    compareReadings(subject.breaker, reference);
  }
}

/** As a site may write them: a window that was configured over a threshold takes its place. */
function writable({ failureThreshold, ...rest }: ReferenceOptions): ReferenceOptions {
  return rest.window || failureThreshold === undefined ? rest : { ...rest, failureThreshold };
}

/** Errors that tell themselves apart, so that the last one can be recognised. */
function failure({ clock }: Real): Error {
  return new Error(`failed at ${clock.now()}`);
}
