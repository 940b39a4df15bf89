import { gavePromise } from '../core/call-safely';
import type { BreakerBoxError } from '../core/errors';
import { anything, isRecord, optional, options, refuse, resolve, when, type Check } from '../core/check';
import { fn } from '../core/options';
import { reportThrow } from '../core/warn';
import { httpErrorOf, type HttpError } from './http-error';

/** A server's answer in place of that of {@link httpErrorOf}. */
export interface ErrorAnswer {
  /** 200 to 599, and one that has a body: not 204, 205 or 304. */
  readonly status: number;
  /** `content-type` is `application/json; charset=utf-8` where they do not set it. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** A string is sent as it is, anything else as JSON. */
  readonly body: unknown;
}

/** Options of the error mappers of all web frameworks. */
export interface ErrorMapperOptions {
  /**
   * Gives the answer another shape: problem details, a page, other headers. `undefined` leaves the error to those who would
   * have handled it without the mapper. One that throws is reported once, and the answer stays as it was.
   * @defaultValue the answer as it is, `{ statusCode, error, message, code }` as JSON
   */
  answer?: ((answer: HttpError, error: BreakerBoxError) => ErrorAnswer | undefined) | undefined;
}

/** The schema of {@link ErrorMapperOptions}. */
export const errorMapperOptions = {
  answer: optional(fn<NonNullable<ErrorMapperOptions['answer']>>()),
};

/** An answer as it is sent. The names of its headers are in lower case. */
export interface WrittenAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

/** Headers that a handler may have set for the body that is not sent; with its `cache-control`, proxies would keep the error. */
export const OF_ANOTHER_BODY = [
  'cache-control', 'content-digest', 'content-disposition', 'content-encoding', 'content-language', 'content-length', 'content-range', 'etag',
  'expires', 'last-modified',
];

/**
 * The answer of a mapper to an error; undefined for one that is not its own to answer. Only the error itself is looked at, not
 * its `cause`: who wraps one says that it means something else.
 */
export function answerTo(error: unknown, shape: ErrorMapperOptions['answer']): WrittenAnswer | undefined {
  const answer = httpErrorOf(error);
  if (answer === undefined || shape === undefined) return answer && written(answer);
  try {
    const shaped: unknown = shape(answer, error as BreakerBoxError);
    if (gavePromise(shape, `The option 'answer'`, shaped, 'the answer stays as it was')) return written(answer);
    return shaped === undefined ? undefined : written(checked(shaped));
  } catch (thrown) {
    reportThrow(shape, `The option 'answer'`, thrown);
    return written(answer);
  }
}

function written({ status, headers = {}, body }: ErrorAnswer): WrittenAnswer {
  const given = Object.entries(headers).map(([name, value]): [string, string] => [name.toLowerCase(), value]);
  return {
    status,
    headers: new Map([['content-type', 'application/json; charset=utf-8'], ...given]),
    text: typeof body === 'string' ? body : jsonOf(body),
  };
}

/** @throws {@link TypeError} for what JSON cannot represent. */
function jsonOf(body: unknown): string {
  const json = JSON.stringify(body ?? null) as string | undefined;
  if (json === undefined) throw new TypeError(`The body of an answer must be a string or JSON; received ${typeof body}`);
  return json;
}

const WITHOUT_BODY: readonly unknown[] = [204, 205, 304];

const hasBody = (status: unknown): boolean =>
  Number.isInteger(status) && (status as number) >= 200 && (status as number) <= 599 && !WITHOUT_BODY.includes(status);

// As RFC 9110 has them: what else is given would be refused when it is sent, which is too late for another answer.
const headerName = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
const headerValue = /* @__PURE__ */ when<string>((given) => typeof given === 'string' && /^[\t\x20-\x7e\x80-\xff]*$/.test(given), 'must be one line of Latin-1');

const headers: Check<Record<string, string>> = (given, issues, path) => {
  if (!isRecord(given)) return refuse(issues, path, given, 'must be an object of strings');
  for (const [name, value] of Object.entries(given)) {
    if (!headerName.test(name)) refuse(issues, `${path}.${name}`, name, 'must be the name of a header');
    headerValue(value, issues, `${path}.${name}`);
  }
  return given as Record<string, string>;
};

const answerSchema = /* @__PURE__ */ options({
  status: when<number>(hasBody, 'must be an integer >= 200 and <= 599 that has a body'),
  headers: optional(headers),
  body: anything(),
});

/** @throws {@link ConfigurationError} for what cannot be sent. */
function checked(shaped: unknown): ErrorAnswer {
  return resolve(answerSchema, shaped, 'answer') as ErrorAnswer;
}
