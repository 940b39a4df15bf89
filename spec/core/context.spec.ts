import { builtinModule, contextStorage, inPresentContext } from '../../lib/core/platform';
import { withProcess } from '../support/with-process';

describe('where there is no Node', () => {
  it('modules of its own are not there', () => {
    expect(builtinModule('node:async_hooks')).toBeDefined();
    expect([undefined, {}].map((process) => withProcess(process, () => builtinModule('node:async_hooks')))).toEqual([undefined, undefined]);
  });

  it('a value holds until the first await of what is called with it, and the outer one is back after, be it by a throw', () => {
    const storage = withProcess(undefined, () => contextStorage<number>());
    expect(storage.getStore()).toBeUndefined();
    const seen = storage.run(1, (step: number) => {
      const inner = storage.run(2, () => storage.getStore());
      return [inner, storage.getStore(), step];
    }, 5);
    expect(seen).toEqual([2, 1, 5]);
    expect(() => storage.run(3, () => { throw new Error('down'); })).toThrow('down');
    expect(storage.getStore()).toBeUndefined();
  });

  it('a function has no asynchronous context to be bound to', () => {
    const fn = (): void => undefined;
    expect(withProcess(undefined, () => inPresentContext(fn))).toBe(fn);
  });
});

it('a function is bound to the asynchronous context of now', () => {
  const storage = contextStorage<number>();
  let seen: number | undefined;
  const bound = storage.run(1, () => inPresentContext(() => { seen = storage.getStore(); }));
  storage.run(2, bound);
  expect(seen).toBe(1);
});
