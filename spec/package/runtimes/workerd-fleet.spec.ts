import { setTimeout as sleep } from 'node:timers/promises';
import { storeContract } from '../../../lib/testing/store-contract';
import { RedisOverHttp } from '../../support/redis-over-http';
import { describeWithRedis, RedisServer } from '../../support/redis-server';
import '../../support/real-work';
import { startWorker, type Worker } from './support/workerd';

/** Holds the contract of stores, one check for each request, against Redis over `fetch`. */
const source = `
  import { fromRest, redisStore } from 'breaker-box/redis';
  import { storeContract } from 'breaker-box/testing';
  export default {
    async fetch(request: Request) {
      const { searchParams } = new URL(request.url);
      const store = redisStore(fromRest({ url: searchParams.get('url')!, token: searchParams.get('token')! }));
      const check = storeContract.find(({ name }) => name === searchParams.get('check'))!;
      return Response.json(await check.run({ store }).then(() => 'kept', String));
    },
  };
`;

describeWithRedis('in workerd, without a connection and without node:crypto, the store keeps the contract', () => {
  let server: RedisServer;
  let http: RedisOverHttp;
  let worker: Worker;
  beforeAll(async () => {
    server = await RedisServer.start();
    http = await RedisOverHttp.start(server);
    worker = await startWorker({ source, reachesThisMachine: true });
  });
  afterAll(async () => {
    await worker.stop();
    await http.stop();
    await server.stop();
  });

  it.each(storeContract)('$name', async ({ name: check }) => {
    const response = await worker.fetch(`/?${new URLSearchParams({ url: http.url, token: RedisOverHttp.token, check }).toString()}`);
    expect(await response.json()).toBe('kept');
  });

  it('by scripts that are sent whole', () => {
    expect(new Set(http.asked)).toEqual(new Set(['EVAL']));
  });
});

/** Calls a dependency that takes a moment, by a breaker which is shared; and tells what came of it. */
const sharing = `
  import { BreakerRegistry, withBreaker } from 'breaker-box';
  import { fromRest, redisStore, shareBreakers } from 'breaker-box/redis';
  const registry = new BreakerRegistry();
  const work = async (isUp: boolean) => {
    await new Promise((resolve) => { setTimeout(resolve, 60); });
    if (!isUp) throw new Error('down');
    return 'served';
  };
  const call = withBreaker(work, { name: 'pay', failureThreshold: 1, recoveryTimeout: '1h', registry });
  let fleet: unknown;
  export default {
    async fetch(request: Request) {
      const { searchParams } = new URL(request.url);
      const store = () => redisStore(fromRest({ url: searchParams.get('url')!, token: searchParams.get('token')! }));
      fleet ??= shareBreakers(registry, store(), { quorum: { min: 1, ratio: 0 }, pollInterval: '300ms' });
      const answer = await call(searchParams.get('up') === 'yes').catch((error) => error.code ?? error.message);
      // A vote is on its way.
      if (answer === 'down') await new Promise((resolve) => { setTimeout(resolve, 500); });
      return Response.json(answer);
    },
  };
`;

describeWithRedis('in workerd, where timers end with their request, a worker', () => {
  let server: RedisServer;
  let http: RedisOverHttp;
  let workers: Worker[];
  beforeAll(async () => {
    server = await RedisServer.start();
    http = await RedisOverHttp.start(server);
    workers = await Promise.all([1, 2].map(() => startWorker({ source: sharing, reachesThisMachine: true })));
  });
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    await http.stop();
    await server.stop();
  });

  it('hears by its calls of what another one has opened', async () => {
    const ask = async (worker: Worker | undefined, up: string): Promise<string> => {
      const response = await worker!.fetch(`/?${new URLSearchParams({ url: http.url, token: RedisOverHttp.token, up }).toString()}`);
      return (await response.json()) as string;
    };
    const [first, second] = workers;
    expect(await ask(second, 'yes')).toBe('served');
    expect(await ask(first, 'no')).toBe('down');
    const answers: string[] = [];
    for (let n = 0; n < 8; n++) {
      await sleep(310);
      answers.push(await ask(second, 'yes'));
    }
    expect(answers.at(-1)).toBe('BREAKER_OPEN');
    expect(answers.indexOf('BREAKER_OPEN')).toBeLessThanOrEqual(3);
  });
});
