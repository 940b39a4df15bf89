import { BreakerRegistry, withBreaker, type CallEvent } from '../../lib';

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
