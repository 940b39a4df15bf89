import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError } from '../../lib';
import {
  BasicErrorReporter, CircuitBreakerStrategy, ErrorRecoveryManager, ErrorSeverity, FixedDelayStrategy, type ErrorContext, type ErrorReport,
} from '../../lib/recovery';
import { axiosFailure, secretsIn } from '../support/axios-failure';
import { HOSTILE } from '../support/hostile-values';
import { connectionError, failingWith } from './support/doubles';
import { TestClock } from './support/test-clock';

let directory: string;
let clock: TestClock;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'reports-'));
  clock = new TestClock();
});

afterEach(() => rm(directory, { recursive: true, force: true }));

const HOUR = 3_600_000;
const context: ErrorContext = { operationName: 'download', serviceName: 'videos', jobId: '7' };

const reporter = (options: { maxReports?: number; directory?: string } = {}) => new BasicErrorReporter({ directory, clock, ...options });

const readReport = async (name: string) => JSON.parse(await readFile(join(directory, name), 'utf8')) as ErrorReport;

async function onlyReport(): Promise<ErrorReport> {
  const [name, ...others] = await readdir(directory);
  expect(others).toEqual([]);
  return readReport(name!);
}

const jobsOf = (reports: readonly ErrorReport[]) => reports.map((report) => report.context.jobId);

describe('a report', () => {
  it('is one JSON file that says what failed, when, why and in which context', async () => {
    const error = Object.assign(new Error('no connection', { cause: new Error('cable') }), { code: 'ECONNRESET', status: 503 });
    await reporter().reportError(error, 'high', context);

    expect(await onlyReport()).toEqual({
      reportedAt: '2026-01-31T00:00:00.000Z',
      severity: 'high',
      operationName: 'download',
      reason: 'network_error',
      error: {
        name: 'Error',
        message: 'no connection',
        stack: expect.stringContaining('basic-error-reporter.spec'),
        code: 'ECONNRESET',
        status: 503,
        cause: { name: 'Error', message: 'cable', stack: expect.any(String) },
      },
      context,
    });
  });

  it('of a call that the manager gave up says how many attempts it had, and what the handler suggests', async () => {
    const manager = new ErrorRecoveryManager({
      retryStrategy: new CircuitBreakerStrategy({ maxAttempts: 2 }, { clock }),
      errorReporter: reporter(),
      serviceHandler: { handleError: () => false, getRecoverySuggestions: () => ['check the cable'] },
    });
    await manager.executeWithRetry(failingWith(connectionError()), context).catch(() => undefined);

    expect(await onlyReport()).toMatchObject({
      severity: 'high',
      reason: 'network_error',
      attempts: 2,
      context: { ...context, recoverySuggestions: ['check the cable'] },
    });
  });

  it('of operations that throw one error object tells the attempts of its own', async () => {
    const shared = connectionError();
    const strategy = (maxAttempts: number) => new FixedDelayStrategy({ maxAttempts, baseDelay: 0 });
    await new ErrorRecoveryManager({ retryStrategy: strategy(3) }).executeWithRetry(failingWith(shared), context).catch(() => undefined);
    await new ErrorRecoveryManager({ retryStrategy: strategy(1) }).executeWithRetry(failingWith(shared), { operationName: 'upload' }).catch(() => undefined);
    await reporter().reportError(shared, 'high', context);

    expect(await onlyReport()).toMatchObject({ operationName: 'download', attempts: 3 });
  });

  it('keeps of an error nothing else: a client\'s may carry a request with its credentials', async () => {
    const error = Object.assign(new Error('401'), { config: { headers: { authorization: 'Bearer secret' } } });
    await reporter().reportError(error, 'high', context);

    expect(JSON.stringify(await onlyReport())).not.toContain('secret');
  });

  // Rule 49.
  it('keeps of a real AxiosError no request, wherever it is: thrown, as a cause, or in the context', async () => {
    const failure = axiosFailure();
    await reporter().reportError(new Error('pay failed', { cause: failure }), 'high', { ...context, lastFailure: failure, jobs: [{ failure }] });

    const report = await onlyReport();
    expect(secretsIn(JSON.stringify(report))).toEqual([]);
    expect(report.error.cause).toMatchObject({ name: 'AxiosError', code: 'ERR_BAD_RESPONSE', status: 503 });
    expect(report.context).toMatchObject({ lastFailure: { name: 'AxiosError' }, jobs: [{ failure: { status: 503 } }] });
    expect(secretsIn(JSON.stringify(await reporter().getErrorSummary(1)))).toEqual([]);
  });

  it('is short, of an error that is megabytes long', async () => {
    await reporter().reportError(new Error('x'.repeat(3_000_000)), 'high', context);
    expect(JSON.stringify(await onlyReport()).length).toBeLessThan(20_000);
  });

  it.each([...HOSTILE])('can be made of %s', async (_what, make) => {
    await reporter().reportError(make(), 'high', context);
    expect((await onlyReport()).error).toEqual(expect.objectContaining({ name: expect.any(String), message: expect.any(String) }));
  });

  it('holds nothing that it was not given', async () => {
    process.env.RECOVERY_SPEC_TOKEN = 'from-the-environment';
    await reporter().reportError(new Error('failed'), 'high', { operationName: 'download' });
    delete process.env.RECOVERY_SPEC_TOKEN;

    const report = await onlyReport();
    expect(Object.keys(report).sort()).toEqual(['context', 'error', 'operationName', 'reason', 'reportedAt', 'severity']);
    expect(JSON.stringify(report)).not.toContain('from-the-environment');
  });

  it('can be read by its owner only', async () => {
    await reporter().reportError(new Error('failed'), 'high', context);
    const [name] = await readdir(directory);

    expect((await stat(join(directory, name!))).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['a string', 'out of order', { name: 'string', message: 'out of order' }],
    ['undefined', undefined, { name: 'undefined', message: 'undefined' }],
    ['null', null, { name: 'object', message: 'null' }],
    ['an object without a name', { code: 7 }, { name: 'Error', message: 'an object without a message', code: 7 }],
  ])('can be made of %s', async (_name, thrown, expected) => {
    await reporter().reportError(thrown, 'low', context);

    expect((await onlyReport()).error).toEqual(expected);
  });

  it('can be made of an error that is its own cause', async () => {
    const error = new Error('round');
    error.cause = error;
    await reporter().reportError(error, 'low', context);

    expect((await onlyReport()).error).toEqual({ name: 'Error', message: 'round', stack: expect.any(String) });
  });

  it('can be made of a context that JSON cannot hold', async () => {
    const cycle: Record<string, unknown> = { name: 'cycle' };
    cycle.self = cycle;
    const shared = { a: 1 };
    const awkward = {
      operationName: 'download',
      cycle,
      bytes: 10n,
      cause: new Error('nested'),
      twice: [shared, shared],
      nothing: undefined,
      run: () => 1,
      broken: { toJSON: () => { throw new Error('no JSON'); } },
      get unreadable(): never { throw new Error('no reading'); },
    };
    await reporter().reportError(new Error('failed'), 'high', awkward);

    expect((await onlyReport()).context).toEqual({
      operationName: 'download',
      cycle: { name: 'cycle', self: '[circular]' },
      bytes: '10',
      cause: { name: 'Error', message: 'nested', stack: expect.any(String) },
      twice: [{ a: 1 }, { a: 1 }],
      broken: '[not written: Error: no JSON]',
      unreadable: '[not written: Error: no reading]',
    });
  });
});

describe('the files', () => {
  it.each(['../../etc/passwd', 'a/b\\c', 'CON:', 'x'.repeat(5000), '', '.', 'naïve ☂', '\0'])(
    'stay in the directory, whatever the operation is called: %j',
    async (operationName) => {
      await reporter().reportError(new Error('failed'), 'high', { operationName });

      const [name] = await readdir(directory);
      expect(name).toMatch(/^[\w-]{1,120}\.json$/);
      expect((await readReport(name!)).operationName).toBe(operationName);
    },
  );

  it('are made in a directory that is made when it is not there, and again when it was deleted', async () => {
    const deep = join(directory, 'a', 'b');
    const deepReporter = reporter({ directory: deep });
    await deepReporter.reportError(new Error('failed'), 'high', context);
    await rm(deep, { recursive: true });
    await deepReporter.reportError(new Error('failed'), 'high', context);

    expect(await readdir(deep)).toHaveLength(1);
  });

  it('of many reports at once are all there, whole, and in order', async () => {
    const one = reporter();
    await Promise.all(Array.from({ length: 50 }, (_, index) => one.reportError(new Error('failed'), 'high', { ...context, jobId: String(index) })));

    const names = (await readdir(directory)).sort();
    expect(jobsOf(await Promise.all(names.map(readReport)))).toEqual(Array.from({ length: 50 }, (_, index) => String(index)));
  });

  it('are as many as allowed at most, the oldest deleted, those of earlier runs too', async () => {
    for (const run of [reporter({ maxReports: 3 }), reporter({ maxReports: 3 })]) {
      for (let index = 0; index < 4; index++) {
        clock.advance(1);
        await run.reportError(new Error('failed'), 'high', { ...context, jobId: String(clock.now()) });
      }
    }

    expect(await readdir(directory)).toHaveLength(3);
    expect(jobsOf((await reporter().getErrorSummary(1)).recent)).toEqual(['6', '7', '8']);
  });

  it('that others put there are left alone', async () => {
    await writeFile(join(directory, 'notes.json'), '{"severity":"high"}');
    const one = reporter({ maxReports: 1 });
    for (let index = 0; index < 3; index++) await one.reportError(new Error('failed'), 'high', context);

    expect(await readdir(directory)).toContain('notes.json');
    expect((await one.getErrorSummary(1)).totalErrors).toBe(1);
  });

  it('that a crash left without their name are no reports, and go when their time has come', async () => {
    await writeFile(join(directory, '20260101T000000000Z-000000-download-0123abcd.json.part'), JSON.stringify({ severity: 'high', operationName: 'download' }));
    const one = reporter({ maxReports: 2 });
    await one.reportError(new Error('failed'), 'high', context);
    expect((await one.getErrorSummary(Infinity)).totalErrors).toBe(1);
    clock.advance(1);
    await one.reportError(new Error('failed'), 'high', context);

    expect((await readdir(directory)).filter((name) => name.endsWith('.part'))).toEqual([]);
    expect(await readdir(directory)).toHaveLength(2);
  });

  it('that cannot be written reject the report, and leave nothing behind', async () => {
    const file = join(directory, 'file');
    await writeFile(file, '');

    await expect(reporter({ directory: join(file, 'reports') }).reportError(new Error('failed'), 'high', context)).rejects.toMatchObject({
      code: 'ENOTDIR',
    });
  });

  it('that cannot be written do not hide the error of the call', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const file = join(directory, 'file');
    await writeFile(file, '');
    const manager = new ErrorRecoveryManager({
      retryStrategy: new CircuitBreakerStrategy({ maxAttempts: 1 }),
      errorReporter: reporter({ directory: join(file, 'reports') }),
    });
    const error = connectionError();

    await expect(manager.executeWithRetry(failingWith(error), context)).rejects.toBe(error);
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });
});

describe('getErrorSummary', () => {
  it('counts the reports of the last hours, by severity', async () => {
    const one = reporter();
    await one.reportError(new Error('old'), 'critical', context);
    clock.advance(HOUR + 1);
    await one.reportError(new Error('failed'), ErrorSeverity.HIGH, context);
    await one.reportError(new Error('failed'), 'high', context);
    await one.reportError(new Error('failed'), 'low', context);

    expect(await one.getErrorSummary(1)).toMatchObject({
      hours: 1,
      totalErrors: 3,
      bySeverity: { critical: 0, high: 2, medium: 0, low: 1, info: 0 },
    });
    expect((await one.getErrorSummary(2)).totalErrors).toBe(4);
    expect((await one.getErrorSummary(Infinity)).totalErrors).toBe(4);
    expect((await one.getErrorSummary()).hours).toBe(24);
  });

  it('counts a report that is exactly as old as asked for', async () => {
    const one = reporter();
    await one.reportError(new Error('failed'), 'high', context);
    clock.advance(HOUR);
    expect((await one.getErrorSummary(1)).totalErrors).toBe(1);

    clock.advance(1);
    expect((await one.getErrorSummary(1)).totalErrors).toBe(0);
  });

  it('gives the last ten reports, the newest at the end', async () => {
    const one = reporter();
    for (let index = 0; index < 12; index++) {
      clock.advance(1);
      await one.reportError(new Error('failed'), 'high', { ...context, jobId: String(index) });
    }

    const { totalErrors, recent } = await one.getErrorSummary(1);
    expect(totalErrors).toBe(12);
    expect(jobsOf(recent)).toEqual(['2', '3', '4', '5', '6', '7', '8', '9', '10', '11']);
  });

  it('knows the reports of an earlier run', async () => {
    await reporter().reportError(new Error('failed'), 'medium', context);

    expect(await reporter().getErrorSummary(1)).toMatchObject({ totalErrors: 1, bySeverity: { medium: 1 } });
  });

  it('is empty while nothing was reported, and makes no directory', async () => {
    const one = reporter({ directory: join(directory, 'none') });

    expect(await one.getErrorSummary(1)).toEqual({
      hours: 1,
      totalErrors: 0,
      bySeverity: { critical: 0, high: 0, medium: 0, low: 0, info: 0 },
      recent: [],
    });
    expect(await readdir(directory)).toEqual([]);
  });

  it('passes over a file that was damaged', async () => {
    const one = reporter();
    await one.reportError(new Error('failed'), 'high', context);
    await one.reportError(new Error('failed'), 'high', context);
    const [first, second] = await readdir(directory);
    await writeFile(join(directory, first!), '{"severity": "hi');
    expect((await one.getErrorSummary(1)).totalErrors).toBe(1);

    await writeFile(join(directory, second!), '{"severity": "constructor", "operationName": "download"}');
    expect((await one.getErrorSummary(1)).totalErrors).toBe(0);
  });

  it.each([-1, Number.NaN, '1', null])('refuses the hours %p', async (hours) => {
    await expect(reporter().getErrorSummary(hours as never)).rejects.toBeInstanceOf(ConfigurationError);
  });
});

describe('a new BasicErrorReporter', () => {
  it('names all that is wrong with its options', () => {
    const make = () => new BasicErrorReporter({ directory: 7, maxReports: 0, clock: {}, dir: 'x' } as never);

    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(/directory[^]*maxReports[^]*clock[^]*dir/);
  });

  it('says what is missing where there is no file system', () => {
    const missing = jest.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined);
    expect(() => reporter()).toThrow(/process\.getBuiltinModule\('node:fs'\).*implement ErrorReporter/);
    missing.mockRestore();
  });
});
