import { DataSource, EntitySchema, type DataSourceOptions } from 'typeorm';
import { report } from './support/scenarios.mts';
import { MARIADB, POSTGRES, prepare, sqlScenarios, type Access, type Session } from './support/sql-scenarios.mts';

const isPostgres = process.argv[3] === 'postgres';
const port = Number(process.argv[2]);
const dialect = isPostgres ? POSTGRES : MARIADB;
const admin = isPostgres ? 'postgres' : 'root';

const Item = new EntitySchema<{ id: number; name: string }>({ name: 'items', columns: { id: { type: Number, primary: true }, name: { type: String, length: 20 } } });

async function sourceOf({ host = '127.0.0.1', port: at, user = admin, password = '', max = 5, acquireMs }: Access): Promise<DataSource> {
  const access = { host, port: at, username: user, password, entities: [Item] };
  const database = isPostgres ? 'postgres' : user === admin ? 'mysql' : undefined;
  const source = new DataSource({
    ...access,
    database,
    type: isPostgres ? 'postgres' : 'mysql',
    ...(isPostgres ? { poolSize: max, connectTimeoutMS: acquireMs, poolErrorHandler: () => undefined } : { poolSize: max, connectTimeout: acquireMs, extra: { queueLimit: max === 1 ? 1 : 0 } }),
  } as DataSourceOptions);
  return source.initialize();
}

async function open(access: Access): Promise<Session> {
  const source = await sourceOf(access);
  return {
    query: (sql) => source.query(sql),
    transaction: (work) => source.transaction((manager) => work((sql) => manager.query(sql))),
  };
}

const source = await sourceOf({ port });
await prepare(await open({ port }), dialect);
const { 'pool timeout': poolTimeout, ...scenarios } = sqlScenarios(open, dialect, port);
await report({
  ...scenarios,
  ...(isPostgres && { 'pool timeout': poolTimeout }),
  'unique violation of an entity': () => source.getRepository(Item).insert({ id: 1, name: 'b' }),
  'entity is not found': () => source.getRepository(Item).findOneByOrFail({ id: 99 }),
});
