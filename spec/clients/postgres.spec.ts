import { describeClient } from './support/captured';
import { describeWithPostgres, PostgresServer } from './support/postgres';
import { reportOf } from './support/program';

describeWithPostgres('rule 48: clients of PostgreSQL', () => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await PostgresServer.start('deadlock_timeout=20ms');
  });

  afterAll(() => server.stop());

  const args = (): string[] => [String(server.port), 'postgres'];
  describeClient('pg', 'pg.mts', args);
  describeClient('sequelize-postgres', 'sequelize.mts', args);
  describeClient('typeorm-postgres', 'typeorm.mts', args);
  describeClient('drizzle-postgres', 'drizzle.mts', args);
  describeClient('prisma', 'prisma.mts', args);

  it('heals a deadlock and an ended connection, and opens when the server is gone', async () => {
    expect(await reportOf('pg-heals.mts', ...args())).toEqual({
      deadlock: { results: ['done', 'done'], transfers: 3, balances: [100, 100], failures: 0 },
      terminated: { rows: [{ one: 1 }], reads: 2, failures: 1 },
      gone: { codes: ['ECONNREFUSED', 'BREAKER_OPEN'], state: 'open' },
    });
  });
});
