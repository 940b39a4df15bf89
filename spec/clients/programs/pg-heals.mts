import pg from 'pg';
import { BreakerRegistry, withPolicies } from 'breaker-box';
import { presets } from 'breaker-box/presets';
import { cuttable } from './support/cuttable.mts';

// What a program sees whose queries are protected: real faults, and the work is done all the same.

const port = Number(process.argv[2]);
const registry = new BreakerRegistry();

function poolOf(at: number): pg.Pool {
  const pool = new pg.Pool({ host: '127.0.0.1', port: at, user: 'postgres', database: 'postgres' });
  return pool.on('error', () => undefined).on('connect', (client) => client.on('error', () => undefined));
}

const pool = poolOf(port);
await pool.query('DROP TABLE IF EXISTS accounts');
await pool.query('CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL)');
await pool.query('INSERT INTO accounts VALUES (1, 100), (2, 100)');

let transfers = 0;
const transfer = withPolicies(
  async (from: number, to: number, firstLocked: () => Promise<unknown>) => {
    transfers++;
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      await client.query('UPDATE accounts SET balance = balance - 10 WHERE id = $1', [from]);
      await firstLocked();
      await client.query('UPDATE accounts SET balance = balance + 10 WHERE id = $1', [to]);
      await client.query('COMMIT');
      return 'done';
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    } finally {
      client.release();
    }
  },
  { name: 'transfer', registry, ...presets.database() },
);

/** Two transfers across each other, of which the server ends one. */
async function deadlock(): Promise<object> {
  const both = Promise.withResolvers<void>();
  let locked = 0;
  const firstLocked = (): Promise<void> => {
    if (++locked === 2) both.resolve();
    return both.promise;
  };
  const results = await Promise.all([transfer(1, 2, firstLocked), transfer(2, 1, firstLocked)]);
  const { rows } = await pool.query('SELECT balance FROM accounts ORDER BY id');
  return { results, transfers, balances: rows.map(({ balance }) => balance), failures: transfer.breaker!.stats.failures };
}

/** Reads over connections that the server ends under them. */
async function terminated(): Promise<object> {
  let reads = 0;
  const read = withPolicies(
    (sql: string) => {
      reads++;
      return pool.query(reads === 1 ? 'SELECT pg_terminate_backend(pg_backend_pid())' : sql);
    },
    { name: 'read', registry, ...presets.database({ retry: { idempotent: true } }) },
  );
  const { rows } = await read('SELECT 1 AS one');
  return { rows, reads, failures: read.breaker!.stats.failures };
}

/** A server that is gone: the circuit opens. */
async function gone(): Promise<object> {
  const proxy = await cuttable(port);
  proxy.cut('close');
  const unreachable = poolOf(proxy.port);
  const read = withPolicies(() => unreachable.query('SELECT 1'), { name: 'gone', registry, ...presets.database({ retry: { baseDelay: 1 } }) });
  const codes: unknown[] = [];
  for (let n = 0; n < 5; n++) await read().catch((error: { code?: unknown }) => codes.push(error.code));
  return { codes: [...new Set(codes)], state: read.breaker!.state };
}

const report = { deadlock: await deadlock(), terminated: await terminated(), gone: await gone() };
process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit());
