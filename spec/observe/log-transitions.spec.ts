import pino from 'pino';
import { BreakerRegistry, ConfigurationError, logTransitions, withBreaker } from '../../lib';
import { fails, rejectionOf, scripted, works } from '../composition/support/flaky';
import { collectWarnings } from '../registry/support/warnings';
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
    registry.getOrCreate('a').trip();
    stop();
    registry.getOrCreate('a').reset();
    expect(lines).toHaveLength(1);
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
    registry.getOrCreate('a').trip();
    expect(logger.written).toHaveLength(1);
  });

  it('that is none is refused, with all that is wrong', () => {
    const attempt = () => logTransitions({} as never, { info: () => undefined } as never);
    expect(attempt).toThrow(ConfigurationError);
    expect(attempt).toThrow(/registry[^]*logger/);
  });
});
