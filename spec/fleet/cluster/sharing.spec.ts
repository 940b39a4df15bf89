import { BreakerRegistry, withBreaker } from '../../../lib';
import { clusterPrimary, type ClusterPrimary } from '../../../lib/fleet/cluster';
import { shareBreakers } from '../../../lib/fleet';
import { eventually, TestWorker } from './support/workers';
import '../../support/real-work';

describe('breakers of the processes of a cluster', () => {
  let primary: ClusterPrimary;
  let workers: TestWorker[];

  beforeEach(async () => {
    primary = clusterPrimary();
    workers = await Promise.all([TestWorker.fork(), TestWorker.fork()]);
    for (const worker of workers) {
      await worker.do({ kind: 'share' });
      await worker.do({ kind: 'call', fails: false });
    }
  });

  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.end()));
    primary.stop();
  });

  const call = (worker: TestWorker, fails: boolean): Promise<unknown> => worker.do({ kind: 'call', fails }).catch(String);
  const rejects = (answer: unknown): boolean => String(answer).includes('CircuitOpenError');

  it('open together, also in the primary, and close together after a probe of one', async () => {
    const [one, other] = workers as [TestWorker, TestWorker];
    const registry = new BreakerRegistry();
    const sharing = shareBreakers(registry, primary, { quorum: { min: 1, ratio: 0 }, pollInterval: '100ms' });
    const inPrimary = withBreaker(async () => 'done', { name: 'users.fetch', registry, failureThreshold: 1, recoveryTimeout: '500ms' });
    await inPrimary();

    expect(await call(one, true)).toBe('Error: Error: down');
    await eventually(() => call(other, false), rejects);
    await eventually(() => inPrimary().catch(String), rejects);

    await eventually(() => call(other, false), (answer) => answer === 'done');
    await eventually(() => call(one, true), (answer) => answer === 'Error: Error: down');
    sharing.stop();
  });

  it('go on by themselves when the primary keeps no store any more', async () => {
    const [one, other] = workers as [TestWorker, TestWorker];
    primary.stop();
    expect(await call(one, true)).toBe('Error: Error: down');
    expect(rejects(await call(one, false))).toBe(true);
    expect(await call(other, false)).toBe('done');
  });
});
