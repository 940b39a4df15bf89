import { ManualClock } from '../../support/manual-clock';
import { rejectionOf } from '../../composition/support/flaky';
import { BreakerRegistry, withBreaker, withBreakerSync, type CallEvent } from '../../../lib';
import { disable } from '../../../lib/operate';

describe('the call event of a stream', () => {
  it('tells how it ended, when it has ended', async () => {
    const registry = new BreakerRegistry();
    const calls: CallEvent[] = [];
    registry.on('call', (event) => calls.push(event));
    const items = withBreaker(async function* items() {
      yield 1;
      throw new Error('cut');
    }, { registry });

    const stream = items();
    await stream.next();
    expect(calls).toEqual([]);
    await expect(stream.next()).rejects.toThrow('cut');

    expect(calls).toMatchObject([{ operation: 'items', outcome: 'failure', error: { message: 'cut' } }]);
  });
});

describe('the event of a call', () => {
  it('has how long it took, and of its breaker only what that had to do with it', async () => {
    const clock = new ManualClock({ now: 5000 });
    const registry = new BreakerRegistry({ clock });
    const calls: CallEvent[] = [];
    registry.on('call', (event) => calls.push(event));
    const load = withBreaker(async () => { clock.advance(70); }, { registry, name: 'load' });
    const parse = withBreakerSync(() => { clock.advance(7); }, { registry, name: 'parse' });
    await load();
    parse();
    disable(parse.breaker!);
    parse();
    load.breaker!.trip();
    const error = await rejectionOf(load());

    const about = { type: 'call', at: expect.any(Number), callId: expect.any(Number) };
    expect(calls).toStrictEqual([
      { ...about, operation: 'load', duration: 70, outcome: 'success', counted: 'success', state: 'closed' },
      { ...about, operation: 'parse', duration: 7, outcome: 'success', counted: 'success', state: 'closed' },
      { ...about, operation: 'parse', duration: 7, outcome: 'success' },
      { ...about, operation: 'load', duration: 0, outcome: 'rejected', error, state: 'open' },
    ]);
  });
});
