import { systemClock, wallTime } from '../../lib/core/clock';

it('wall time is the clock’s own, or else the system’s', () => {
  expect(wallTime({ ...systemClock, wallTime: () => 5 })).toBe(5);
  jest.useFakeTimers({ now: 1234, doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
  expect(wallTime({ now: () => 0, setTimeout: () => 0, clearTimeout: () => undefined })).toBe(1234);
  jest.useRealTimers();
});
