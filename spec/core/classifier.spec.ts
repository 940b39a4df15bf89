import { CircuitOpenError, OperationTimeoutError, RateLimitedError } from '../../lib';
import { CALLERS_ABORT, isOwnRejection, classifierOf, errorToClassify, type Classify, type OutcomeOptions, type Settled } from '../../lib/core/outcome';
import { collectWarnings } from '../registry/support/warnings';

class Down extends Error {}
const about = { duration: 5, signal: undefined, operation: 'op' };
const ofError = (options: OutcomeOptions & { classify?: Classify }, error: unknown) => classifierOf(options).error({ ok: false, error, ...about });
const ofValue = (options: OutcomeOptions & { classify?: Classify }, value: unknown) => classifierOf(options).value?.({ ok: true, value, ...about });

let warnings: ReturnType<typeof collectWarnings>;
beforeEach(() => {
  warnings = collectWarnings();
});
afterEach(() => {
  warnings.stop();
});

describe('the judge of attempts', () => {
  const own = new RateLimitedError('op', 5);
  it.each<[string, OutcomeOptions, unknown, string]>([
    ['any error', {}, new Down(), 'failure'],
    ['nothing at all that was thrown', {}, undefined, 'failure'],
    ['an abort', {}, new DOMException('stop', 'AbortError'), 'ignored'],
    ['an abort, whatever is handled', { handle: () => true }, new DOMException('stop', 'AbortError'), 'ignored'],
    ['a rejection of its own', { handle: () => true }, own, 'ignored'],
    ['a rejection of another operation', {}, new RateLimitedError('other', 5), 'failure'],
    ['a timeout of its own, whatever is handled', { handle: () => false }, new OperationTimeoutError('op', 5), 'failure'],
    ['a timeout of its own, where others are ignored', { ignore: Down }, new OperationTimeoutError('op', 5), 'failure'],
    ['a timeout of its own that is ignored (rule 2)', { ignore: OperationTimeoutError }, new OperationTimeoutError('op', 5), 'ignored'],
    ['a timeout of its own, and ignore throws', { handle: () => false, ignore: () => { throw new Error('a bug'); } }, new OperationTimeoutError('op', 5), 'failure'],
    ['a timeout of its own that was cut short', {}, new OperationTimeoutError('op', 5, { isCutShort: true }), 'ignored'],
    ['a timeout of another operation that is ignored', { ignore: OperationTimeoutError }, new OperationTimeoutError('other', 5), 'ignored'],
    ['what is handled', { handle: Down }, new Down(), 'failure'],
    ['what is not handled: the dependency answered', { handle: Down }, new TypeError(), 'success'],
    ['what is ignored', { ignore: Down }, new Down(), 'ignored'],
    ['what is handled and ignored', { handle: Down, ignore: Down }, new Down(), 'ignored'],
    ['what nobody can tell, for handle throws', { handle: () => { throw new Error('a bug'); } }, new Down(), 'failure'],
    ['what nobody can tell, for ignore throws', { handle: TypeError, ignore: () => { throw new Error('a bug'); } }, new Down(), 'failure'],
  ])('takes %s as it should be', (_what, options, error, outcome) => {
    expect(ofError(options, error)).toBe(outcome);
    const thrown = [options.handle, options.ignore].filter((one) => String(one).includes('a bug')).length;
    expect(warnings.codes()).toHaveLength(thrown);
  });

  it('names the predicate that throws', () => {
    const buggy = () => (): never => { throw new Error('a bug'); };
    ofError({ handle: buggy() }, 1);
    ofError({ ignore: buggy() }, 1);
    ofValue({ handleResult: buggy() }, 1);
    expect(warnings.messages().map((message) => /'(\w+)'/.exec(message)![1])).toEqual(['handle', 'ignore', 'handleResult']);
  });

  it('looks at values only where it is asked to', () => {
    expect(classifierOf({}).value).toBeUndefined();
    expect([1, 2].map((value) => ofValue({ handleResult: (given) => given === 1 }, value))).toEqual(['failure', 'success']);
    expect(ofValue({ handleResult: () => { throw new Error('a bug'); } }, 1)).toBe('success');
  });

  it('needs to know how long attempts take only for classify', () => {
    expect([classifierOf({}).timed, classifierOf({ handleResult: () => true }).timed, classifierOf({ classify: () => 'success' }).timed]).toEqual([false, false, true]);
  });
});

describe('classify', () => {
  it.each(['success', 'failure', 'ignored'] as const)('says %s itself, of values and errors, aborts too, and sees all there is', (outcome) => {
    const seen: Settled[] = [];
    const classify: Classify = (settled) => {
      seen.push(settled);
      return outcome;
    };
    const abort = new DOMException('stop', 'AbortError');
    expect([ofValue({ classify, handleResult: () => true }, 7), ofError({ classify, ignore: Down }, abort)]).toEqual([outcome, outcome]);
    expect(seen).toEqual([{ ok: true, value: 7, ...about }, { ok: false, error: abort, ...about }]);
  });

  it.each<[string, () => unknown, RegExp]>([
    ['throws', () => { throw new Error('a bug'); }, /a bug/],
    ['gives no outcome', () => 'ok', /classify must answer 'success', 'failure' or 'ignored', not ok/],
  ])('that %s leaves values successes and errors failures, and is told of', async (_how, classify, detail) => {
    expect([ofValue({ classify: classify as Classify }, 7), ofError({ classify: classify as Classify }, new Down())]).toEqual(['success', 'failure']);
    await new Promise(setImmediate);
    const [message, options] = (process.emitWarning as unknown as jest.Mock).mock.calls[0] as [string, { detail: string }];
    expect(message).toBe("The predicate 'classify' threw; its throw was contained");
    expect(options.detail).toMatch(detail);
    expect(warnings.codes()).toHaveLength(1);
  });
});

describe('what is to be counted of a call that was cancelled', () => {
  const cancelled = (reason: unknown) => ({ aborted: true, reason }) as never;
  const abort = new DOMException('stop', 'AbortError');
  const timeout = new OperationTimeoutError('op', 5);

  it('is its error while it was not', () => {
    const error = new Down();
    expect([errorToClassify(error, 'op', undefined), errorToClassify(error, 'op', { aborted: false } as never)]).toEqual([error, error]);
  });

  it('is nothing when its caller did it', () => {
    expect([errorToClassify(abort, 'op', cancelled('left')), errorToClassify(new Down(), 'op', cancelled(new OperationTimeoutError('other', 5)))]).toEqual([CALLERS_ABORT, CALLERS_ABORT]);
  });

  it('is the timeout of its own pipeline, where it answers with an abort, and else its own error', () => {
    const error = new Down();
    expect([errorToClassify(abort, 'op', cancelled(timeout)), errorToClassify(error, 'op', cancelled(timeout))]).toEqual([timeout, error]);
  });
});

it('a rejection is an operation’s own when one of its policies made it', () => {
  const open = new CircuitOpenError({ operation: 'op', key: undefined, state: 'open', retryAfter: 5, openedAt: undefined, cause: undefined });
  expect([isOwnRejection(open, 'op'), isOwnRejection(open, 'other'), isOwnRejection(new OperationTimeoutError('op', 5), 'op'), isOwnRejection(new Down(), 'op')]).toEqual([
    true, false, false, false,
  ]);
});
