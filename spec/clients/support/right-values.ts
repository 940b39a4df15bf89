/** What a failure means, whatever client tells of it. */
export type Verdict =
  /** The other end is unwell: tried again, and counted. */
  | 'outage'
  /** Counted, but another attempt would meet it again. */
  | 'lasting outage'
  /** The other end asks to come later: tried again, and not counted. */
  | 'refusal'
  /** The other end works, and answered: neither. */
  | 'answer'
  /** Nothing reached the other end: neither, and no success either. */
  | 'own mistake'
  /** The caller no longer wants it: neither, and no success, whatever the policies are. */
  | 'cancelled';

/** How a call goes that may be tried three times. */
export interface Right {
  readonly runs: number;
  readonly failures: number;
  readonly ignored: number;
}

export const WITH_PRESET: Readonly<Record<Verdict, Right>> = {
  outage: { runs: 3, failures: 3, ignored: 0 },
  'lasting outage': { runs: 1, failures: 1, ignored: 0 },
  refusal: { runs: 3, failures: 0, ignored: 0 },
  answer: { runs: 1, failures: 0, ignored: 0 },
  'own mistake': { runs: 1, failures: 0, ignored: 1 },
  cancelled: { runs: 1, failures: 0, ignored: 1 },
};

/** A retry and a breaker that know nothing of the client: every error counts but a cancellation. */
export const rightWhenPlain = (verdict: Verdict): Right => (verdict === 'cancelled' ? WITH_PRESET.cancelled : WITH_PRESET.outage);

/** What a situation means, and the wait that the other end asks for, in milliseconds. */
type Expected = Verdict | readonly [Verdict, number];

export interface Client {
  readonly preset: 'http' | 'llm';
  readonly situations: Readonly<Record<string, Expected>>;
}

const prefixed = (prefix: string, situations: Client['situations']): Client['situations'] =>
  Object.fromEntries(Object.entries(situations).map(([situation, expected]) => [`${prefix}: ${situation}`, expected]));

const HTTP: Client['situations'] = {
  'status 400': 'answer',
  'status 401': 'answer',
  'status 404': 'answer',
  'status 500': 'outage',
  'status 502': 'outage',
  'status 503': 'outage',
  'status 504': 'outage',
  '429, Retry-After in seconds': ['refusal', 10_000],
  '429, Retry-After as a date, by a clock that is wrong': ['refusal', 10_000],
  '429, retry-after-ms': ['refusal', 10_500],
  '503, Retry-After in seconds': ['outage', 10_000],
  '503, Retry-After as a date, by a clock that is wrong': ['outage', 10_000],
  '503, retry-after-ms': ['outage', 10_500],
  'closed before the answer': 'outage',
  'reset before the answer': 'outage',
  'lost in the body': 'outage',
  'no answer in the client’s time': 'outage',
  refused: 'outage',
  'cancelled by the user': 'cancelled',
  'cancelled by the user, for a reason': 'cancelled',
  'AbortSignal.timeout() over': 'outage',
};

/** These reject with the signal's reason: one that is no `AbortError` is known only to those who have the signal. */
const REASON_ITSELF: Client['situations'] = { 'cancelled by the user, for a reason': 'lasting outage' };

const LLM: Client['situations'] = {
  'a wrong request': 'answer',
  'a wrong key': 'answer',
  'an unknown model': 'answer',
  'status 500': 'outage',
  'status 503': 'outage',
  'status 529, overloaded': 'outage',
  'a gateway’s page': 'outage',
  '429, Retry-After in seconds': ['refusal', 10_000],
  '429, Retry-After as a date, by a clock that is wrong': ['refusal', 10_000],
  '429, retry-after-ms': ['refusal', 10_500],
  'the quota is used up': 'answer',
  'the server says that a retry is no use': 'lasting outage',
  'closed before the answer': 'outage',
  'reset before the answer': 'outage',
  'lost in the body': 'outage',
  'no answer in the client’s time': 'outage',
  refused: 'outage',
  'cancelled by the user': 'cancelled',
};

/** By gRPC's names; Connect's are the same in another case. What they would be as HTTP says what they mean. */
const RPC_STATUS: Readonly<Record<string, Verdict>> = {
  // By the server: the caller's own cancellation has a situation of its own.
  CANCELLED: 'outage',
  UNKNOWN: 'outage',
  INVALID_ARGUMENT: 'answer',
  DEADLINE_EXCEEDED: 'outage',
  NOT_FOUND: 'answer',
  ALREADY_EXISTS: 'answer',
  PERMISSION_DENIED: 'answer',
  RESOURCE_EXHAUSTED: 'refusal',
  FAILED_PRECONDITION: 'answer',
  ABORTED: 'answer',
  OUT_OF_RANGE: 'answer',
  UNIMPLEMENTED: 'outage',
  INTERNAL: 'outage',
  UNAVAILABLE: 'outage',
  DATA_LOSS: 'outage',
  UNAUTHENTICATED: 'answer',
};

/** `RESOURCE_EXHAUSTED` as Connect has it: `ResourceExhausted`. */
const inConnect = (name: string): string =>
  name === 'CANCELLED' ? 'Canceled' : name.toLowerCase().replaceAll(/(?:^|_)([a-z])/g, (_match, letter: string) => letter.toUpperCase());

const CONNECT: Client['situations'] = {
  ...Object.fromEntries(Object.entries(RPC_STATUS).map(([name, verdict]) => [`the server answers ${inConnect(name)}`, verdict])),
  'ResourceExhausted with retry-after': ['refusal', 10_000],
  'the deadline is over': 'outage',
  'cancelled by the user': 'cancelled',
  'cancelled by the user, for a reason': 'cancelled',
  'AbortSignal.timeout() over': 'outage',
  refused: 'outage',
  'the session is lost': 'outage',
  'Unavailable in a stream': 'outage',
};

/** By the name of the program, and of its fixtures. */
export const CLIENTS: Readonly<Record<string, Client>> = {
  axios: {
    preset: 'http',
    situations: {
      ...prefixed('http', HTTP),
      ...prefixed('fetch', HTTP),
      'cancelled by a CancelToken': 'cancelled',
      'ETIMEDOUT in place of ECONNABORTED': 'outage',
    },
  },
  got: { preset: 'http', situations: { ...HTTP, 'a stream that is lost': 'outage' } },
  undici: {
    preset: 'http',
    situations: {
      ...HTTP,
      ...REASON_ITSELF,
      'a body that stops': 'outage',
      'cancelled by the user in the body': 'cancelled',
      'a dispatcher that was destroyed': 'outage',
    },
  },
  'node-fetch': {
    preset: 'http',
    situations: {
      ...HTTP,
      ...REASON_ITSELF,
      'AbortSignal.timeout() over in the body': 'outage',
      'cancelled by the user in the body': 'cancelled',
      'a bad URL': 'own mistake',
      'a bad header': 'own mistake',
      'a GET with a body': 'own mistake',
      'a name that does not exist': 'lasting outage',
      'http.get: cancelled by the user': 'cancelled',
      'http.get: AbortSignal.timeout() over': 'outage',
      'http.get: lost in the body': 'outage',
    },
  },
  http2: {
    preset: 'http',
    situations: {
      'the server ends the stream with REFUSED_STREAM': 'outage',
      'the server ends the stream with INTERNAL_ERROR': 'outage',
      'the server ends the stream with ENHANCE_YOUR_CALM': 'outage',
      'GOAWAY with an error': 'outage',
      'the connection is reset': 'outage',
      'a request after GOAWAY': 'outage',
      'a request on a session that was destroyed': 'outage',
      refused: 'outage',
      'cancelled by the user': 'cancelled',
      'AbortSignal.timeout() over': 'outage',
      'a header that is no header': 'own mistake',
      'undici: the server ends the stream with REFUSED_STREAM': 'outage',
      'undici: the server ends the stream with CANCEL': 'outage',
      'undici: GOAWAY with an error': 'outage',
      'undici: the session is lost': 'outage',
    },
  },
  openai: {
    preset: 'llm',
    situations: {
      ...LLM,
      'AbortSignal.timeout() over': 'outage',
      'a stream that is lost': 'outage',
      'a server error in the stream': 'outage',
      'a rate limit in the stream': 'refusal',
      'the quota is used up in the stream': 'answer',
      'an answer that ends at its length': 'answer',
    },
  },
  anthropic: {
    preset: 'llm',
    situations: {
      ...LLM,
      // The client keeps the signal's reason to itself: nothing tells this from a cancellation.
      'AbortSignal.timeout() over': 'cancelled',
      'a stream that is lost': 'outage',
      'overloaded_error in the stream': 'outage',
      'api_error in the stream': 'outage',
      'rate_limit_error in the stream': 'refusal',
      'invalid_request_error in the stream': 'answer',
      'a stream that ends too soon': 'lasting outage',
      'cancelled by the user in the stream': 'cancelled',
    },
  },
  'ai-sdk': {
    preset: 'llm',
    situations: {
      ...LLM,
      'given up by its own retries after a rate limit': 'refusal',
      'given up by its own retries after status 503': 'outage',
      'given up by its own retries after a wrong request': 'answer',
      'a stream that is lost': 'outage',
      'a server error in the stream': 'outage',
      'an overload before the stream': 'outage',
      // The client says nothing of what happened: its `fullStream` does.
      'an overload before the stream, as its text tells': 'lasting outage',
      'a prompt that is none': 'own mistake',
      'an answer that is not the object': 'answer',
    },
  },
  langchain: {
    preset: 'llm',
    situations: {
      ...LLM,
      // The client makes an `AbortError` of both, without a cause: nothing tells them from a cancellation.
      'its call option timeout over': 'cancelled',
      'AbortSignal.timeout() over': 'cancelled',
      'a stream that is lost': 'outage',
      'a server error in the stream': 'outage',
    },
  },
  grpc: {
    preset: 'http',
    situations: {
      ...Object.fromEntries(Object.entries(RPC_STATUS).map(([name, verdict]) => [`the server answers ${name}`, verdict])),
      'RESOURCE_EXHAUSTED with retry-after': ['refusal', 10_000],
      'the server throws': 'outage',
      'the deadline is over': 'outage',
      'cancelled by the user': 'cancelled',
      refused: 'outage',
      'the connection is lost': 'outage',
      'UNAVAILABLE in a stream': 'outage',
      'a request on a client that was closed': 'lasting outage',
    },
  },
  connect: { preset: 'http', situations: { ...prefixed('connect', CONNECT), ...prefixed('grpc', CONNECT) } },
};
