import { memoryStore, storeContract } from '../../lib/fleet';
import { TimerClock } from '../support/timer-clock';

describe('memoryStore', () => {
  it.each(storeContract)('$name', async ({ run }) => {
    const clock = new TimerClock();
    await run({ store: memoryStore({ clock }), advance: (ms) => clock.advance(ms) });
  });
});
