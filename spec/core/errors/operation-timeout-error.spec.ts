import { OperationTimeoutError } from '../../../lib';

describe('the time that an OperationTimeoutError tells', () => {
  it.each([[29.995494000000008, 29.995], [16.4874, 16.487], [2000, 2000], [0, 0]])('is in milliseconds, to the microsecond: %p', (given, told) => {
    const error = new OperationTimeoutError('users.fetch', given);
    expect(error.timeout).toBe(told);
    expect(error.message).toBe(`users.fetch did not settle within ${told} ms`);
  });
});
