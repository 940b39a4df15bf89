import { sql } from 'drizzle-orm';
import { drizzle as drizzleMysql } from 'drizzle-orm/mysql2';
import { drizzle as drizzlePostgres } from 'drizzle-orm/node-postgres';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { report } from './support/scenarios.mts';
import { MARIADB, POSTGRES, prepare, sqlScenarios, type Access, type Session } from './support/sql-scenarios.mts';

const isPostgres = process.argv[3] === 'postgres';
const port = Number(process.argv[2]);
const dialect = isPostgres ? POSTGRES : MARIADB;

function postgres({ host = '127.0.0.1', user = 'postgres', max = 5, acquireMs, ...rest }: Access): any {
  const pool = new pg.Pool({ host, user, database: 'postgres', max, connectionTimeoutMillis: acquireMs, ...rest });
  return drizzlePostgres({ client: pool.on('error', () => undefined).on('connect', (client) => client.on('error', () => undefined)) });
}

function mariadb({ host = '127.0.0.1', port: at, user = 'root', password = '', max = 5, acquireMs }: Access): any {
  const access = { host, port: at, user, password, connectionLimit: max, queueLimit: max === 1 ? 1 : 0, ...(acquireMs !== undefined && { connectTimeout: acquireMs }) };
  return drizzleMysql({ client: mysql.createPool({ ...access, ...(user === 'root' && { database: 'mysql' }) }) });
}

function open(access: Access): Session {
  const db = isPostgres ? postgres(access) : mariadb(access);
  return {
    // Drizzle sends a statement when somebody waits for it.
    query: async (text) => db.execute(sql.raw(text)),
    transaction: (work) => db.transaction((inside: any) => work((text) => inside.execute(sql.raw(text)))),
  };
}

await prepare(open({ port }), dialect);
const { 'pool timeout': poolTimeout, ...scenarios } = sqlScenarios(open, dialect, port);
await report({ ...scenarios, ...(isPostgres && { 'pool timeout': poolTimeout }) });
