import { clusterPrimary, type ClusterPrimary } from '../../../lib/fleet/cluster';
import { storeContract } from '../../../lib/testing';
import { TestWorker } from './support/workers';
import '../../support/real-work';

describe('the store of node:cluster keeps the contract', () => {
  let primary: ClusterPrimary;
  let worker: TestWorker;

  beforeAll(async () => {
    primary = clusterPrimary();
    worker = await TestWorker.fork();
  });

  afterAll(async () => {
    await worker.end();
    primary.stop();
  });

  it.each(storeContract)('in a worker: $name', async ({ name }) => {
    await worker.do({ kind: 'keep the contract', check: name });
  });

  it.each(storeContract)('in the primary: $name', ({ run }) => run({ store: primary }));
});
