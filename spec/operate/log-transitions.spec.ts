import pino from 'pino';
import { breakerOf, BreakerRegistry, ConfigurationError, withBreaker } from '../../lib';
import { logTransitions } from '../../lib/operate';
import { fails, rejectionOf, scripted, works } from '../composition/support/flaky';
import { collectWarnings } from '../registry/support/warnings';
import { axiosFailure, secretsIn } from '../support/axios-failure';
import { TimerClock } from '../support/timer-clock';

interface Line {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

const clock = new TimerClock();
let registry: BreakerRegistry;
let lines: Line[];
let stop: () => void;

beforeEach(() => {
  registry = new BreakerRegistry({ clock });
  lines = [];
  stop = logTransitions(registry, pino({ base: null, timestamp: false }, { write: (line: string) => lines.push(JSON.parse(line) as Line) }));
});

const [INFO, WARN] = [30, 40];

describe('logTransitions, to pino', () => {
  it('warns of an opening, with its cause, tells of the probing, and sums up the outage', async () => {
    const call = withBreaker(scripted(fails(new RangeError('down')), works()), { name: 'db.read', registry, failureThreshold: 1, recoveryTimeout: 1500 });
    await rejectionOf(call());
    for (let n = 0; n < 1000; n++) await rejectionOf(call());
    await clock.advance(1500);
    await call();
    expect(lines).toEqual([
      {
        level: WARN,
        operation: 'db.read',
        from: 'closed',
        to: 'open',
        reason: 'failure_threshold',
        failureCount: 1,
        retryAfter: 1500,
        err: expect.objectContaining({ type: 'RangeError', message: 'down' }),
        msg: 'db.read: circuit opened (failure_threshold)',
      },
      { level: INFO, operation: 'db.read', from: 'open', to: 'half_open', reason: 'recovery_timeout', msg: 'db.read: circuit half open, probing' },
      {
        level: INFO,
        operation: 'db.read',
        from: 'half_open',
        to: 'closed',
        reason: 'probe_succeeded',
        outage: { duration: 1500, rejected: 1000 },
        msg: 'db.read: circuit closed (probe_succeeded) after 1.5 s, 1000 calls rejected',
      },
    ]);
  });

  it('has a line when the store of shared breakers is away, and one when it is back', () => {
    const at = clock.wallTime();
    registry.events.emit('store', { type: 'store', operation: '', at, health: 'down', error: new RangeError('gone') });
    registry.events.emit('store', { type: 'store', operation: 'pay', at, health: 'down', error: new TypeError('a list') });
    registry.events.emit('store', { type: 'store', operation: '', at, health: 'up' });
    stop();
    registry.events.emit('store', { type: 'store', operation: '', at, health: 'down' });
    expect(lines).toEqual([
      { level: WARN, store: 'down', err: expect.objectContaining({ message: 'gone' }), msg: 'the store of shared breakers cannot be used: this process goes on by itself' },
      { level: WARN, operation: 'pay', store: 'down', err: expect.objectContaining({ message: 'a list' }), msg: 'the record of pay in the store of shared breakers cannot be used: this process goes on by itself' },
      { level: INFO, store: 'up', msg: 'the store of shared breakers can be used again' },
    ]);
  });

  it('says one call of one', async () => {
    const call = withBreaker(scripted(works()), { name: 'a', registry });
    call.breaker!.trip('maintenance');
    await rejectionOf(call());
    call.breaker!.reset();
    expect(lines.map(({ msg }) => msg)).toEqual(['a: circuit opened (maintenance)', 'a: circuit closed (reset) after 0.0 s, 1 call rejected']);
  });

  it('names the key of a keyed operation', async () => {
    const call = withBreaker(async (_host: string) => undefined, { name: 'fetch', key: (host) => host, registry });
    await call('a.test');
    call.breakers.get('a.test')!.trip();
    expect(lines).toEqual([expect.objectContaining({ operation: 'fetch', key: 'a.test', retryAfter: 60_000, msg: 'fetch (a.test): circuit opened (trip)' })]);
  });

  it('ends when it is told to', () => {
    breakerOf('a', undefined, registry).trip();
    stop();
    breakerOf('a', undefined, registry).reset();
    expect(lines).toHaveLength(1);
  });
});

// Rule 49.
describe('what a line shows of an error', () => {
  const open = async (failure: unknown, name = 'pay') => rejectionOf(withBreaker(scripted(fails(failure)), { name, registry, failureThreshold: 1 })());

  it('is its name, message, code, status and stack: nothing of the request, its headers or the answer', async () => {
    const failure = axiosFailure();
    await open(failure);
    expect(lines[0]!['err']).toEqual({
      type: 'AxiosError', name: 'AxiosError', message: 'Request failed with status code 503', code: 'ERR_BAD_RESPONSE', status: 503, stack: failure.stack,
    });
    expect(secretsIn(JSON.stringify(lines))).toEqual([]);
  });

  it('is what an option takes of it', async () => {
    stop();
    const logger = pino({ base: null, timestamp: false }, { write: (line: string) => lines.push(JSON.parse(line) as Line) });
    logTransitions(registry, logger, { error: (error) => ({ message: 'it', url: (error as { config: { url: string } }).config.url }) });
    await open(axiosFailure());
    expect(lines[0]!['err']).toMatchObject({ message: 'it', url: '/pay' });
  });

  it('is the default when the option throws, which is reported once', async () => {
    const warnings = collectWarnings();
    stop();
    const written: { err?: { message?: string } }[] = [];
    const write = (fields: object): void => { written.push(fields); };
    logTransitions(registry, { info: write, warn: write }, { error: () => { throw new Error('a bug'); } });
    await open(new Error('one'), 'a');
    await open(new Error('two'), 'b');
    expect(written.map(({ err }) => err?.message)).toEqual(['one', 'two']);
    expect(warnings.codes()).toEqual(['BREAKER_BOX_CALLBACK']);
    warnings.stop();
  });

  it('is little, of an error that cannot be read, or that is megabytes long', async () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    await withBreaker(async () => { throw proxy; }, { name: 'a', registry, failureThreshold: 1 })().catch(() => undefined);
    await open(Object.assign(new Error('x'.repeat(2_000_000)), { code: 'y'.repeat(2_000_000) }), 'b');
    expect(lines.map((line) => line['err'])).toEqual([
      expect.objectContaining({ message: 'an object without a message' }), expect.objectContaining({ message: expect.stringMatching(/^x{997}[.]{3}$/) as string }),
    ]);
    expect(JSON.stringify(lines).length).toBeLessThan(20_000);
  });

  it('that came from the store of shared breakers is as little', () => {
    const error = Object.assign(new Error('WRONGPASS'), { command: { name: 'auth', args: ['TOPSECRET'] } });
    registry.events.emit('store', { type: 'store', operation: '', at: 0, health: 'down', error });
    expect([lines.length, secretsIn(JSON.stringify(lines))]).toEqual([1, []]);
  });
});

describe('a logger', () => {
  it('that throws hurts no call, and is reported once', async () => {
    const warnings = collectWarnings();
    const broken = () => { throw new Error('disk full'); };
    logTransitions(registry, { info: broken, warn: broken });
    const call = withBreaker(scripted(fails(), works('it')), { name: 'a', registry, failureThreshold: 1, recoveryTimeout: 10 });
    await rejectionOf(call());
    await clock.advance(10);
    expect(await call()).toBe('it');
    expect(warnings.codes()).toEqual(['BREAKER_BOX_CALLBACK']);
    warnings.stop();
  });

  it('is called with itself as receiver, for loggers of classes', () => {
    class Logger {
      readonly written: string[] = [];
      info(_fields: object, message: string) { this.written.push(message); }
      warn(_fields: object, message: string) { this.written.push(message); }
    }
    const logger = new Logger();
    logTransitions(registry, logger);
    breakerOf('a', undefined, registry).trip();
    expect(logger.written).toHaveLength(1);
  });

  it('that is none is refused, with all that is wrong', () => {
    const attempt = () => logTransitions({} as never, { info: () => undefined } as never);
    expect(attempt).toThrow(ConfigurationError);
    expect(attempt).toThrow(/registry[^]*logger/);
    expect(() => logTransitions(registry, { info: () => undefined, warn: () => undefined }, { error: 5 } as never)).toThrow(ConfigurationError);
  });
});
