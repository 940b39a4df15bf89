import { describeClient } from './support/captured';
import { describeWithPostgres, PostgresServer } from './support/postgres';

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
});
