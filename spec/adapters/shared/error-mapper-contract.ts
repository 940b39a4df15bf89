import {
  BreakerRegistry, BulkheadFullError, CircuitOpenError, ConfigurationError, isBreakerBoxError, OperationTimeoutError, RateLimitedError,
  ThrottledError, withBreaker,
} from '../../../lib';
import { httpErrorOf } from '../../../lib/http';
import type { ErrorMapperOptions } from '../../../lib/http/error-answer';
import { ManualClock } from '../../support/manual-clock';
import type { Handler, Site, WebFramework } from './web-framework';

export const circuitOpen = (retryAfter = 11_200): CircuitOpenError =>
  new CircuitOpenError({ operation: 'db.users', key: 'shard-7', state: 'open', retryAfter, openedAt: 0, cause: new Error('password wrong') });

/** Any code of another copy of the package, whose classes are not ours. */
const ofAnotherCopy = (): unknown => {
  const error = Object.assign(new Error('The circuit is open'), { code: 'BREAKER_OPEN', retryAfter: 2500, userMessage: 'temporarily unavailable, try again in 3 s' });
  return Object.defineProperty(error, Symbol.for('breaker-box.error'), { value: true });
};

/** error, status, `Retry-After`, what is said to people */
const answers: [what: string, error: () => unknown, status: number, retryAfter: string | null, message: string][] = [
  ['an open circuit', circuitOpen, 503, '12', 'temporarily unavailable, try again in 12 s'],
  ['an open circuit that probes', () => circuitOpen(0), 503, null, 'temporarily unavailable, try again later'],
  ['a circuit forced open without end', () => circuitOpen(Infinity), 503, null, 'temporarily unavailable, try again later'],
  ['an open circuit of another copy of the package', ofAnotherCopy, 503, '3', 'temporarily unavailable, try again in 3 s'],
  ['a full bulkhead', () => new BulkheadFullError('db.users', 20, 0), 503, null, 'temporarily overloaded, try again later'],
  ['a throttled call', () => new ThrottledError('db.users', 1), 503, '1', 'temporarily overloaded, try again in 1 ms'],
  ['a rate limit', () => new RateLimitedError('db.users', 2000), 429, '2', 'too many requests, try again in 2 s'],
  ['a timeout', () => new OperationTimeoutError('db.users', 500), 504, null, 'no answer in time, try again later'],
];

const others: [what: string, thrown: () => unknown][] = [
  ['an error', () => new Error('down')],
  ['an error with a status', () => Object.assign(new Error('short and stout'), { status: 418, statusCode: 418 })],
  ['an error that pretends', () => Object.assign(new Error('fake'), { code: 'BREAKER_OPEN', retryAfter: 1000 })],
  ['wrong options', () => new ConfigurationError('db.users', [])],
  ['an open circuit that somebody wrapped', () => new Error('no profile', { cause: circuitOpen() })],
];

const failing = (thrown: () => unknown): Handler => async () => {
  throw thrown();
};

/** What every error mapper does, whatever the framework: real servers, and `fetch`. */
export function itAnswersPolicyErrors(framework: WebFramework): void {
  const open: Site[] = [];
  let warnings: jest.SpyInstance;
  let printed: jest.SpyInstance;

  async function serve(handler: Handler, options?: ErrorMapperOptions | 'unmapped'): Promise<string> {
    const site = await framework.serve(handler, options);
    open.push(site);
    return site.url;
  }

  beforeEach(() => {
    warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    // Where Express and Hono tell of an error that nobody handled.
    printed = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((site) => site.close()));
    jest.restoreAllMocks();
  });

  describe('answers', () => {
    it.each(answers)('%s', async (_what, error, status, retryAfter, message) => {
      const response = await fetch(await serve(failing(error)));
      expect(response.status).toBe(status);
      expect(response.headers.get('retry-after')).toBe(retryAfter);
      expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
      const body: unknown = await response.json();
      expect(body).toEqual(httpErrorOf(error())?.body);
      expect(body).toMatchObject({ statusCode: status, message });
      expect(printed).not.toHaveBeenCalled();
    });

    it('what is thrown before the first await', async () => {
      const response = await fetch(await serve(() => {
        throw circuitOpen();
      }));
      expect(response.status).toBe(503);
    });

    it('HEAD, without a body', async () => {
      const url = await serve(failing(circuitOpen));
      const response = await fetch(url, { method: 'HEAD' });
      expect([response.status, response.headers.get('retry-after'), response.headers.get('content-type')]).toEqual([503, '12', 'application/json; charset=utf-8']);
      expect(await response.text()).toBe('');
    });

    it('a POST whose body nobody has read, and the next request of that connection', async () => {
      const url = await serve(failing(circuitOpen));
      for (let n = 0; n < 2; n++) {
        const response = await fetch(url, { method: 'POST', body: 'x'.repeat(200_000), headers: { 'content-type': 'text/plain' } });
        expect(response.status).toBe(503);
        expect(await response.json()).toMatchObject({ code: 'BREAKER_OPEN' });
      }
    });

    it('a hundred requests at once, each with its own answer', async () => {
      const url = await serve(failing(circuitOpen));
      const statuses = await Promise.all(Array.from({ length: 100 }, async () => {
        const response = await fetch(url);
        await response.json();
        return response.status;
      }));
      expect(new Set(statuses)).toEqual(new Set([503]));
    });

    it('keeps the headers of the handler that are not about its body', async () => {
      const response = await fetch(await serve(({ header }) => {
        header('x-request-id', '7');
        header('vary', 'origin');
        header('cache-control', 'public, max-age=3600');
        header('content-type', 'video/mp4');
        header('content-length', '1000000');
        header('content-disposition', 'attachment; filename="holiday.mp4"');
        header('content-encoding', 'gzip');
        header('etag', '"1"');
        header('last-modified', new Date(0).toUTCString());
        throw circuitOpen();
      }));
      expect(await response.json()).toMatchObject({ code: 'BREAKER_OPEN' });
      const sent = Object.fromEntries(response.headers);
      expect(sent).toMatchObject({ 'x-request-id': '7', vary: 'origin', 'retry-after': '12', 'content-type': 'application/json; charset=utf-8' });
      expect(Object.keys(sent)).not.toEqual(expect.arrayContaining([expect.stringMatching(/cache-control|disposition|content-encoding|etag|last-modified/)]));
      expect(response.headers.get('content-length')).not.toBe('1000000');
    });

    it('tells nothing of the inside of the server', async () => {
      const response = await fetch(await serve(failing(circuitOpen)));
      const all = JSON.stringify([...response.headers]) + (await response.text());
      expect(all).not.toMatch(/db\.users|shard-7|password/);
    });
  });

  it('answers for a real circuit: fails, opens, and serves again', async () => {
    const clock = new ManualClock();
    let isUp = false;
    const load = withBreaker(async () => {
      if (!isUp) throw new Error('down');
      return 'well';
    }, { name: 'load', failureThreshold: 2, recoveryTimeout: '30s', registry: new BreakerRegistry({ clock }) });
    const url = await serve(() => load());
    const ask = async (): Promise<unknown[]> => {
      const response = await fetch(url);
      await response.text();
      return [response.status, response.headers.get('retry-after')];
    };
    expect([await ask(), await ask(), await ask()]).toEqual([[500, null], [500, null], [503, '30']]);
    clock.advance(10_500);
    expect(await ask()).toEqual([503, '20']);
    isUp = true;
    clock.advance(19_500);
    expect([await ask(), await ask()]).toEqual([[200, null], [200, null]]);
  });

  describe('leaves alone, as if it were not there', () => {
    it.each(others)('%s', async (_what, thrown) => {
      const told = async (options?: 'unmapped'): Promise<unknown> => {
        const response = await fetch(await serve(failing(thrown), options));
        const { status, headers } = response;
        return { status, type: headers.get('content-type'), retryAfter: headers.get('retry-after'), body: withoutPlaces(await response.text()) };
      };
      const unmapped = await told('unmapped');
      const printedWithout = printed.mock.calls.length;
      expect(await told()).toEqual(unmapped);
      expect(printed.mock.calls.length - printedWithout).toBe(printedWithout);
    });

    it('what succeeds', async () => {
      const response = await fetch(await serve(() => 'well'));
      expect([response.status, await response.text()]).toEqual([200, 'well']);
    });
  });

  describe('`answer`', () => {
    it('gives it another shape: problem details', async () => {
      const answer: ErrorMapperOptions['answer'] = ({ status, headers, body }, error) => ({
        status,
        headers: { ...headers, 'Content-Type': 'application/problem+json' },
        body: { type: `https://errors.example/${error.code}`, title: body.error, status, detail: body.message },
      });
      const response = await fetch(await serve(failing(circuitOpen), { answer }));
      expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(response.headers.get('retry-after')).toBe('12');
      expect(await response.json()).toEqual({
        type: 'https://errors.example/BREAKER_OPEN', title: 'Service Unavailable', status: 503, detail: 'temporarily unavailable, try again in 12 s',
      });
    });

    it('gives it another status and a page, which is sent as it is', async () => {
      const answer = () => ({ status: 502, headers: { 'content-type': 'text/html; charset=utf-8' }, body: '<p>Grüße</p>' });
      const response = await fetch(await serve(failing(circuitOpen), { answer }));
      expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([502, 'text/html; charset=utf-8', '<p>Grüße</p>']);
    });

    it('leaves an error to others by undefined', async () => {
      const answer: ErrorMapperOptions['answer'] = (given, error) => (error.code === 'BREAKER_TIMEOUT' ? undefined : given);
      const timedOut = await fetch(await serve(failing(() => new OperationTimeoutError('db.users', 500)), { answer }));
      expect([timedOut.status, timedOut.headers.get('content-type')]).not.toEqual([504, 'application/json; charset=utf-8']);
      expect((await fetch(await serve(failing(circuitOpen), { answer }))).status).toBe(503);
    });

    it.each<[string, unknown]>([
      ['throws', () => { throw new Error('of the option'); }],
      ['returns a promise, also one that rejects', async () => { throw new Error('of the option'); }],
      ['gives a status that is none', () => ({ status: 0, body: '' })],
      ['gives a status without a body', () => ({ status: 204, body: '' })],
      ['gives a header of two lines', () => ({ status: 503, headers: { 'x-detail': 'a\r\nset-cookie: b' }, body: '' })],
      ['gives a header that is not Latin-1', () => ({ status: 503, headers: { 'x-detail': '€' }, body: '' })],
      ['gives a header whose name is none', () => ({ status: 503, headers: { 'x detail': 'a' }, body: '' })],
      ['gives a header that is no string', () => ({ status: 503, headers: { 'retry-after': 3 }, body: '' })],
      ['gives a body that is no JSON', () => ({ status: 503, body: { size: 1n } })],
      ['gives a body that JSON leaves out', () => ({ status: 503, body: () => 'later' })],
      ['misspells', () => ({ status: 503, header: {}, body: '' })],
    ])('that %s is reported once, and changes nothing', async (_how, answer) => {
      const url = await serve(failing(circuitOpen), { answer: answer as () => never });
      for (let n = 0; n < 2; n++) {
        const response = await fetch(url);
        expect([response.status, response.headers.get('retry-after')]).toEqual([503, '12']);
        expect(await response.json()).toMatchObject({ code: 'BREAKER_OPEN' });
      }
      expect(warnings.mock.calls.filter(([, options]) => (options as { code?: string }).code === 'BREAKER_BOX_CALLBACK')).toHaveLength(1);
    });
  });

  it('refuses wrong options, all at once', () => {
    const make = () => framework.breakerBoxErrors({ answer: 503, anwser: 1 } as never);
    expect(make).toThrow(/answer: must be a function; received 503[^]*anwser: unknown option; did you mean answer\?/);
    try {
      make();
    } catch (error) {
      expect(isBreakerBoxError(error) && error.code).toBe('BREAKER_CONFIG');
    }
  });
}

/** Express shows stacks, whose lines are those of two different sites. */
function withoutPlaces(body: string): string {
  return body.replaceAll(/:\d+:\d+/g, '');
}
