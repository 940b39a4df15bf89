import { describeClient } from './support/captured';
import { describeWithMariadb, MariadbServer } from './support/mariadb';

describeWithMariadb('rule 48: clients of MariaDB', () => {
  let server: MariadbServer;

  beforeAll(async () => {
    server = await MariadbServer.start('--max-connections=60');
  });

  afterAll(() => server.stop());

  const args = (): string[] => [String(server.port), 'mariadb'];
  describeClient('mysql2', 'mysql2.mts', args);
  describeClient('sequelize-mariadb', 'sequelize.mts', args);
  describeClient('typeorm-mariadb', 'typeorm.mts', args);
  describeClient('drizzle-mariadb', 'drizzle.mts', args);
});
