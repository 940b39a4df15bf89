import { registry } from '../../lib';

describe('the default registry', () => {
  it('is where every copy of the package in the process looks for it', () => {
    expect((globalThis as Record<symbol, unknown>)[Symbol.for('breaker-box.registry@2')]).toBe(registry);
  });

  it('is the one that another copy has made already', () => {
    jest.isolateModules(() => {
      const copy = require('../../lib') as typeof import('../../lib');
      expect(copy.registry).toBe(registry);
    });
  });
});
