import { framesAbove } from '../../lib/core/stack-frames';

const own = { limit: Error.stackTraceLimit, prepare: Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace') };

afterEach(() => {
  Error.stackTraceLimit = own.limit;
  if (own.prepare !== undefined) Object.defineProperty(Error, 'prepareStackTrace', own.prepare);
});

function called(): string[] {
  return Array.from(framesAbove(called), ({ fn }) => fn);
}

describe('the frames above a function', () => {
  it('are those that called it, whatever the program limits', () => {
    Error.stackTraceLimit = 0;
    const caller = { callsIt: () => called() };
    expect(caller.callsIt()[0]).toMatch(/callsIt$/);
    expect(Error.stackTraceLimit).toBe(0);
  });

  it('leave no limit behind where there was none', () => {
    delete (Error as { stackTraceLimit?: number }).stackTraceLimit;
    called();
    expect(Error).not.toHaveProperty('stackTraceLimit');
  });

  it('tell which of them wait', async () => {
    const waiting: boolean[] = [];
    async function inner(): Promise<void> {
      await Promise.resolve();
      take();
    }
    async function outer(): Promise<void> {
      await inner();
    }
    function take(): void {
      for (const { fn, isAsync } of framesAbove(take)) if (fn === 'inner' || fn === 'outer') waiting.push(isAsync);
    }
    await outer();
    expect(waiting).toEqual([false, true]);
  });
});
