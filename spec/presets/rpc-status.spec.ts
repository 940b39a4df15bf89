import { BreakerRegistry, withPolicies } from '../../lib';
import { httpFailure, presets } from '../../lib/presets';
import { rpcStatusOf } from '../../lib/presets/http-failure';
import { rejectionOf } from '../composition/support/flaky';

const serviceError = (code: unknown, details: unknown = 'as it says', metadata: unknown = { get: () => [] }) =>
  Object.assign(new Error(`${String(code)}: ${String(details)}`), { code, details, metadata });
const connectError = (code: unknown) => Object.assign(new Error('as it says'), { name: 'ConnectError', code, details: [], metadata: new Headers(), rawMessage: 'as it says' });

// Rule 40: a bare `code: 1` is an ordinary failure. Rule 48: RPC clients.
describe('the status of a gRPC call', () => {
  it.each([
    [2, 500], [3, 400], [4, 504], [5, 404], [6, 409], [7, 403], [8, 429], [9, 400], [10, 409], [11, 400], [12, 501], [13, 500], [14, 503], [15, 500], [16, 401],
  ])('%i is as HTTP’s %i', (code, status) => {
    expect([rpcStatusOf(serviceError(code)), rpcStatusOf(connectError(code))]).toEqual([status, status]);
  });

  it('1 is the server’s failure, unless the caller cancelled', () => {
    expect(rpcStatusOf(serviceError(1, 'shutting down'))).toBe(500);
    expect(rpcStatusOf(serviceError(1, 'Cancelled on client'))).toBeUndefined();
    expect(rpcStatusOf(connectError(1))).toBeUndefined();
    expect(httpFailure(serviceError(1, 'Cancelled on client'))).toBe(false);
  });

  it.each([
    ['the exit code of a process', Object.assign(new Error('Command failed'), { code: 14, killed: false })],
    ['an error of MongoDB', Object.assign(new Error('bad'), { name: 'MongoServerError', code: 14, codeName: 'x', errorLabels: [] })],
    ['a code without metadata', Object.assign(new Error('x'), { code: 14, details: 'details' })],
    ['metadata that is null', serviceError(14, 'details', null)],
    ['details that are no text', serviceError(14, { reason: 'x' })],
    ['a code that gRPC has not', serviceError(17)],
    ['0', serviceError(0)],
    ['a fraction', serviceError(1.5)],
    ['a text', serviceError('14')],
    ['nothing', undefined],
  ])('is none of %s', (_what, error) => {
    expect(rpcStatusOf(error)).toBeUndefined();
  });

  it('is asked nothing of a bare code: 1, which is tried again and counts', async () => {
    const exit = Object.assign(new Error('Command failed'), { code: 1 });
    const fn = jest.fn(async () => { throw exit; });
    const registry = new BreakerRegistry();
    const plain = withPolicies(fn, { name: 'plain', registry, retry: { maxAttempts: 3, baseDelay: 0 }, breaker: { failureThreshold: 10 } });
    expect(await rejectionOf(plain())).toBe(exit);
    expect([fn.mock.calls.length, plain.breaker?.stats.failures]).toEqual([3, 3]);
    const preset = withPolicies(fn, { name: 'preset', registry, ...presets.http() });
    await rejectionOf(preset());
    expect(preset.breaker?.stats.failures).toBe(1);
  });
});
