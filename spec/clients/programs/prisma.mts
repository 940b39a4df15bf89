import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './support/prisma-client.mts';
import { report } from './support/scenarios.mts';
import { POSTGRES, prepare, sqlScenarios, type Access, type Session } from './support/sql-scenarios.mts';

const port = Number(process.argv[2]);

function clientOf({ host = '127.0.0.1', user = 'postgres', max = 5, acquireMs, ...rest }: Access): any {
  const access = { host, user, database: 'postgres', max, connectionTimeoutMillis: acquireMs, ...rest };
  return new PrismaClient({ adapter: new PrismaPg(access, { onPoolError: () => undefined, onConnectionError: () => undefined }) });
}

const isQuery = (sql: string): boolean => sql.startsWith('SELECT');

function open(access: Access): Session {
  const client = clientOf(access);
  const on = (one: any) => async (sql: string) => (isQuery(sql) ? one.$queryRawUnsafe(sql) : one.$executeRawUnsafe(sql));
  return { query: on(client), transaction: (work) => client.$transaction((inside: any) => work(on(inside))) };
}

await prepare(open({ port }), POSTGRES);
const client = clientOf({ port });
await report({
  ...sqlScenarios(open, POSTGRES, port),
  'connection refused, of a model': () => clientOf({ port: 1 }).item.findMany(),
  'unique violation of a model': () => client.item.create({ data: { id: 1, name: 'b' } }),
  'row is not found': () => client.item.findUniqueOrThrow({ where: { id: 99 } }),
  'query is not valid': () => client.item.create({ data: { id: 'x' } }),
  'transaction took too long': () =>
    client.$transaction(
      async (inside: any) => {
        await new Promise((resolve) => setTimeout(resolve, 100));
        await inside.$queryRawUnsafe('SELECT 1');
      },
      { timeout: 50 },
    ),
  'transaction does not begin in time': async () => {
    const one = clientOf({ port, max: 1 });
    const held = one.$queryRawUnsafe('SELECT pg_sleep(0.3)::text').then(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await one.$transaction((inside: any) => inside.$queryRawUnsafe('SELECT 1'), { maxWait: 50 }).finally(() => held);
  },
});
