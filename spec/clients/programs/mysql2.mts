import mysql from 'mysql2/promise';
import { report } from './support/scenarios.mts';
import { MARIADB, prepare, sqlScenarios, type Access, type Session } from './support/sql-scenarios.mts';

const port = Number(process.argv[2]);

function poolOf({ host = '127.0.0.1', port: at, user = 'root', password = '', max = 5, acquireMs }: Access, options: mysql.PoolOptions = {}): mysql.Pool {
  const access = { host, port: at, user, password, connectionLimit: max, ...(acquireMs !== undefined && { connectTimeout: acquireMs }) };
  return mysql.createPool({ ...access, ...(user === 'root' && { database: 'mysql' }), ...options });
}

function open(access: Access): Session {
  const pool = poolOf(access);
  return {
    query: (sql) => pool.query(sql),
    transaction: async (work) => {
      const connection = await pool.getConnection();
      try {
        await connection.beginTransaction();
        await work((sql) => connection.query(sql));
        await connection.commit();
      } catch (error) {
        await connection.rollback().catch(() => undefined);
        throw error;
      } finally {
        connection.release();
      }
    },
  };
}

/** As many connections as the server takes, and one more. */
async function tooMany(): Promise<void> {
  const held: mysql.Connection[] = [];
  try {
    for (let n = 0; n < 200; n++) held.push(await mysql.createConnection({ host: '127.0.0.1', port, user: 'root' }));
  } finally {
    await Promise.all(held.map((connection) => connection.end()));
  }
}

/** A statement that takes long, and what an administrator does to it as soon as it runs. */
async function during(kill: string): Promise<unknown> {
  const pool = poolOf({ port });
  const connection = await pool.getConnection();
  const isRunning = async (): Promise<boolean> => {
    const [rows] = await pool.query(`SELECT 1 FROM information_schema.PROCESSLIST WHERE ID = ${connection.threadId} AND INFO IS NOT NULL`);
    return (rows as unknown[]).length > 0;
  };
  const end = async (): Promise<void> => {
    while (!(await isRunning()));
    await pool.query(`${kill} ${connection.threadId}`);
  };
  const many = ['a', 'b', 'c', 'd'].map((name) => `information_schema.COLLATIONS ${name}`).join(', ');
  return Promise.all([connection.query(`SELECT COUNT(*) FROM ${many}`), end()]);
}

await prepare(open({ port }), MARIADB);
const { 'pool timeout': _none, ...scenarios } = sqlScenarios(open, MARIADB, port);
await report({
  ...scenarios,
  'too many connections of all': tooMany,
  'pool timeout': async () => {
    const pool = poolOf({ port, max: 1 }, { queueLimit: 1 });
    await Promise.all(Array.from({ length: 3 }, () => pool.query('SELECT SLEEP(0.2)')));
  },
  'client timeout': () => poolOf({ port }).query({ sql: 'SELECT SLEEP(1)', timeout: 50 }),
  'client is closed': async () => {
    const connection = await mysql.createConnection({ host: '127.0.0.1', port, user: 'root' });
    await connection.end();
    await connection.query('SELECT 1');
  },
  'pool is closed': async () => {
    const pool = poolOf({ port });
    await pool.end();
    await pool.query('SELECT 1');
  },
  'statement is cancelled': () => during('KILL QUERY'),
  'connection killed by an administrator': () => during('KILL'),
  'disk is full': () => poolOf({ port }).query("SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1021, MESSAGE_TEXT = 'Disk full'"),
});
