import { DataTypes, Sequelize, type Options } from 'sequelize';
import { report } from './support/scenarios.mts';
import { MARIADB, POSTGRES, prepare, sqlScenarios, type Access, type Session } from './support/sql-scenarios.mts';

const isPostgres = process.argv[3] === 'postgres';
const port = Number(process.argv[2]);
const dialect = isPostgres ? POSTGRES : MARIADB;
const admin = isPostgres ? 'postgres' : 'root';

function clientOf({ host = '127.0.0.1', port: at, user = admin, password = '', max = 5, acquireMs = 2000 }: Access): Sequelize {
  const dialectOptions = isPostgres ? { connectionTimeoutMillis: acquireMs } : { connectTimeout: acquireMs };
  const options: Options = { dialect: isPostgres ? 'postgres' : 'mysql', host, port: at, logging: false, pool: { max, acquire: acquireMs }, dialectOptions };
  return new Sequelize(user === admin ? (isPostgres ? 'postgres' : 'mysql') : isPostgres ? 'postgres' : '', user, password, options);
}

function open(access: Access): Session {
  const client = clientOf(access);
  return {
    query: (sql) => client.query(sql),
    transaction: (work) => client.transaction((transaction) => work((sql) => client.query(sql, { transaction }))),
  };
}

const client = clientOf({ port });
const Item = client.define('item', { id: { type: DataTypes.INTEGER, primaryKey: true }, name: { type: DataTypes.STRING, allowNull: false, validate: { len: [1, 3] } } }, { timestamps: false });

await prepare(open({ port }), dialect);
await report({
  ...sqlScenarios(open, dialect, port),
  'unique violation of a model': () => Item.create({ id: 1, name: 'b' }),
  'model is not valid': () => Item.create({ id: 7, name: 'too long' }),
  'models are not valid': () => Item.bulkCreate([{ id: 7, name: 'too long' }, { id: 8, name: 'too long' }], { validate: true }),
});
