/** What traps and getters of hostile values throw. */
export const TRAP = new Error('do not look at me');

const trap = (): never => { throw TRAP; };

const TRAPS: ProxyHandler<object> = {
  get: trap, has: trap, getPrototypeOf: trap, ownKeys: trap, getOwnPropertyDescriptor: trap, set: trap, defineProperty: trap, deleteProperty: trap,
  isExtensible: trap, preventExtensions: trap, setPrototypeOf: trap,
};

const unreadable = <T extends object>(value: T, ...names: PropertyKey[]): T => {
  for (const name of names) Object.defineProperty(value, name, { get: trap, configurable: true });
  return value;
};

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function cyclic(): Error {
  const error = new Error('round') as Error & { self?: unknown };
  error.cause = error.self = error;
  return error;
}

/** Each of them once more without end, as a getter may do it. */
const endless = (): Error => Object.defineProperty(new Error('endless'), 'cause', { get: endless });

const LOOKED_AT = [
  // The stack first: it is made when it is looked at, of the others.
  'stack', 'name', 'message', 'code', 'status', 'statusCode', 'response', 'cause', 'headers', 'operation', 'isCutShort', 'retryAfter', 'constructor', 'errors', 'error', 'type',
  'config', 'reason', 'details', 'body', 'getReader', 'toString', 'toJSON', Symbol.asyncIterator, Symbol.toPrimitive, Symbol.toStringTag, Symbol.for('breaker-box.error'),
];

/** What can be thrown, or given, though it cannot be read, made a string, or is something else than it says. */
export const HOSTILE: readonly (readonly [string, () => unknown])[] = [
  ['undefined', () => undefined],
  ['null', () => null],
  ['a number', () => Number.NaN],
  ['a symbol', () => Symbol('thrown')],
  ['a bigint', () => 5n],
  ['megabytes of text', () => 'x'.repeat(2_000_000)],
  ['an object without a prototype', () => Object.create(null) as unknown],
  ['a frozen error', () => Object.freeze(new Error('cold'))],
  ['an error that cannot be read', () => unreadable(new Error('secretive'), ...LOOKED_AT)],
  ['an object that cannot be read', () => unreadable({}, ...LOOKED_AT)],
  ['an error whose fields are objects', () => Object.assign(new Error('odd'), Object.fromEntries(LOOKED_AT.map((name) => [name, Object.create(null) as unknown])))],
  ['an error whose fields are symbols', () => Object.assign(new Error('odd'), Object.fromEntries(LOOKED_AT.map((name) => [name, Symbol('field')])))],
  ['an error that is its own cause', cyclic],
  ['an error with causes without end', endless],
  ['an error with megabytes in it', () => Object.assign(new Error('x'.repeat(2_000_000)), { code: 'y'.repeat(2_000_000), name: 'z'.repeat(2_000_000) })],
  ['a revoked proxy', revoked],
  ['a proxy that throws at every look but that of a promise', () => new Proxy({}, { ...TRAPS, get: (_target, name) => (name === 'then' ? undefined : trap()) })],
  ['a proxy that hides its prototype', () => new Proxy(new Error('hidden'), { getPrototypeOf: trap })],
  ['the proxy of a function', () => new Proxy(() => 1, {})],
  ['an object that says it is one of our errors', () => unreadable({ [Symbol.for('breaker-box.error')]: true, code: 'BREAKER_OPEN' }, 'operation', 'retryAfter')],
  ['an object that says it is an AbortError, and no more', () => unreadable({ name: 'AbortError' }, 'cause', 'reason', 'code')],
  ['a response that cannot be read', () => unreadable({ ok: false }, 'status', 'body', 'headers')],
  ['an object whose `then` is none', () => ({ then: 'later' })],
];

/** What a function may return in the place of a promise, though `await` can do little with it. */
export const HOSTILE_RESULTS: readonly (readonly [string, () => unknown])[] = [
  ...HOSTILE,
  ['a proxy that throws at every look', () => new Proxy({}, TRAPS)],
  ['an object whose `then` cannot be read', () => unreadable({}, 'then')],
  ['an object whose `then` throws', () => ({ then: trap })],
  ['an object whose `then` answers twice, and throws', () => ({ then: (resolve: (value: string) => void) => { resolve('once'); resolve('twice'); trap(); } })],
  ['a promise whose constructor cannot be read', () => unreadable(Promise.resolve('it'), 'constructor')],
  ['a promise whose constructor is none', () => Object.defineProperty(Promise.resolve('it'), 'constructor', { value: 5 })],
  ['a promise whose `then` cannot be read', () => unreadable(Promise.resolve('it'), 'then')],
  ['a promise without a prototype', () => Object.setPrototypeOf(Promise.resolve('it'), null) as unknown],
  ['the proxy of a promise', () => new Proxy(Promise.resolve('it'), {})],
  ['an object of the prototype of promises', () => Object.create(Promise.prototype) as unknown],
];

/** What a function, method or class may have as its name. */
export const HOSTILE_NAMES: readonly (readonly [string, PropertyDescriptor])[] = [
  ['a symbol', { value: Symbol('name') }],
  ['a number', { value: 5 }],
  ['an object', { value: { toString: trap } }],
  ['nothing', { value: undefined }],
  ['a getter that throws', { get: trap }],
];
