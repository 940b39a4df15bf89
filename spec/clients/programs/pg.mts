import pg from 'pg';
import { report } from './support/scenarios.mts';
import { POSTGRES, prepare, sqlScenarios, type Access, type Session } from './support/sql-scenarios.mts';

const port = Number(process.argv[2]);

function poolOf({ host = '127.0.0.1', user = 'postgres', max = 5, acquireMs, ...rest }: Access, options: pg.PoolConfig = {}): pg.Pool {
  const pool = new pg.Pool({ host, user, database: 'postgres', max, connectionTimeoutMillis: acquireMs, ...rest, ...options });
  return pool.on('error', () => undefined).on('connect', (client) => client.on('error', () => undefined));
}

function open(access: Access): Session {
  const pool = poolOf(access);
  return {
    query: (sql) => pool.query(sql),
    transaction: async (work) => {
      const client = await pool.connect();
      try {
        await client.query('BEGIN');
        await work((sql) => client.query(sql));
        await client.query('COMMIT');
      } catch (error) {
        await client.query('ROLLBACK').catch(() => undefined);
        throw error;
      } finally {
        client.release();
      }
    },
  };
}

await prepare(open({ port }), POSTGRES);
await report({
  ...sqlScenarios(open, POSTGRES, port),
  'client timeout': () => poolOf({ port }, { query_timeout: 50 }).query('SELECT pg_sleep(1)'),
  'client is closed': async () => {
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres' });
    await client.connect();
    await client.end();
    await client.query('SELECT 1');
  },
  'statement is cancelled': async () => {
    const pool = poolOf({ port, max: 2 });
    const cancel = async (): Promise<void> => {
      const cancelled = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(5)' AND state = 'active'";
      while ((await pool.query(cancelled)).rowCount === 0);
    };
    await Promise.all([pool.query('SELECT pg_sleep(5)'), cancel()]);
  },
  'disk is full': () => poolOf({ port }).query("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100'; END $$"),
});
