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
