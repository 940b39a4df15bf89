import { SEVERAL_ADDRESSES } from './addresses.mts';
import { cuttable, silent } from './cuttable.mts';
import type { Scenario } from './scenarios.mts';

type Query = (sql: string) => Promise<unknown>;

/** A client of an SQL server, as the scenarios use it. */
export interface Session {
  query: Query;
  /** Runs `work` in a transaction, on one connection. */
  transaction: (work: (query: Query) => Promise<unknown>) => Promise<unknown>;
}

export interface Access {
  readonly host?: string;
  readonly port: number;
  readonly user?: string;
  readonly password?: string;
  /** Connections of the pool. */
  readonly max?: number;
  /** How long to wait for a connection. */
  readonly acquireMs?: number;
}

export type Open = (access: Access) => Session | Promise<Session>;

/** What the two servers say differently. */
export interface Dialect {
  readonly sleep: (seconds: number) => string;
  readonly timedOut: readonly string[];
  readonly lockedOut: readonly string[];
  /** Ends the own connection, as an administrator would. */
  readonly terminate: string;
}

export const POSTGRES: Dialect = {
  sleep: (seconds) => `SELECT pg_sleep(${seconds})::text`,
  timedOut: ["SET LOCAL statement_timeout = '30ms'", 'SELECT pg_sleep(5)::text'],
  lockedOut: ["SET LOCAL lock_timeout = '30ms'", "UPDATE items SET name = 'b' WHERE id = 1"],
  terminate: 'SELECT pg_terminate_backend(pg_backend_pid())::text',
};

export const MARIADB: Dialect = {
  sleep: (seconds) => `SELECT SLEEP(${seconds})`,
  timedOut: ['SET STATEMENT max_statement_time = 0.03 FOR SELECT SLEEP(5)'],
  lockedOut: ['SELECT * FROM items WHERE id = 1 FOR UPDATE NOWAIT'],
  terminate: 'KILL CONNECTION_ID()',
};

/** Makes the table and the users of the scenarios. */
export async function prepare(session: Session, dialect: Dialect): Promise<void> {
  await session.query('DROP TABLE IF EXISTS items');
  await session.query('CREATE TABLE items (id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL)');
  await session.query("INSERT INTO items (id, name) VALUES (1, 'a'), (2, 'a')");
  if (dialect === POSTGRES) {
    await session.query('DROP ROLE IF EXISTS few');
    await session.query("CREATE ROLE few LOGIN PASSWORD 'right' CONNECTION LIMIT 0");
  } else {
    await session.query("CREATE OR REPLACE USER few IDENTIFIED BY 'right' WITH MAX_USER_CONNECTIONS 1");
  }
}

/** What may happen to any client of an SQL server at `port`. */
export function sqlScenarios(open: Open, dialect: Dialect, port: number): Record<string, Scenario> {
  const opened = async (access: Partial<Access> = {}): Promise<Session> => open({ port, ...access });
  const query = (sql: string, access?: Partial<Access>): Scenario => async () => (await opened(access)).query(sql);
  const inTransaction = (statements: readonly string[]): Scenario => async () =>
    (await opened()).transaction(async (run) => {
      for (const statement of statements) await run(statement);
    });
  return {
    'connection refused': query('SELECT 1', { port: 1 }),
    'connection refused at every address': query('SELECT 1', { host: SEVERAL_ADDRESSES, port: 1 }),
    'connect timeout': async () => (await opened({ port: await silent(), acquireMs: 50 })).query('SELECT 1'),
    'connection reset': () => cutDuring((at) => opened({ port: at }), dialect, port, 'reset'),
    'connection closed': () => cutDuring((at) => opened({ port: at }), dialect, port, 'close'),
    'connection terminated by the server': query(dialect.terminate),
    'statement timeout': inTransaction(dialect.timedOut),
    'lock timeout': async () => {
      const [holder, other] = [await opened(), await opened()];
      return holder.transaction(async (hold) => {
        await hold("UPDATE items SET name = 'a' WHERE id = 1");
        await other.transaction(async (run) => {
          for (const statement of dialect.lockedOut) await run(statement);
        });
      });
    },
    deadlock: async () => deadlock(await opened(), await opened()),
    ...(dialect === POSTGRES && { 'serialization failure': async () => conflict(await opened(), await opened()) }),
    'too many connections': async () => {
      const access = { user: 'few', password: 'right' };
      const sessions = await Promise.all([opened(access), opened(access)]);
      await Promise.all(sessions.map((session) => session.query(dialect.sleep(0.2))));
    },
    'pool timeout': async () => {
      const session = await opened({ max: 1, acquireMs: 250 });
      const held = session.query(dialect.sleep(0.8));
      try {
        await session.query('SELECT 1');
      } finally {
        await held;
      }
    },
    'unique violation': query("INSERT INTO items (id, name) VALUES (1, 'b')"),
    'null in a column that has none': query('INSERT INTO items (id, name) VALUES (9, NULL)'),
    'syntax error': query('SELEC 1'),
    'no such table': query('SELECT * FROM nowhere'),
    'authentication failure': query('SELECT 1', { user: 'few', password: 'wrong' }),
  };
}

async function cutDuring(open: (port: number) => Promise<Session>, { sleep }: Dialect, port: number, how: 'reset' | 'close'): Promise<unknown> {
  const proxy = await cuttable(port);
  const session = await open(proxy.port);
  await session.query('SELECT 1');
  const running = session.query(sleep(5));
  setTimeout(() => proxy.cut(how), 50);
  return running;
}

/** Each has locked what the other wants. */
async function deadlock(one: Session, other: Session): Promise<void> {
  const lock = (id: number): string => `UPDATE items SET name = 'c' WHERE id = ${id}`;
  const both = meetingOf(2);
  const cross = (session: Session, first: number, second: number): Promise<unknown> =>
    session.transaction(async (run) => {
      await run(lock(first));
      await both();
      await run(lock(second));
    });
  await Promise.all([cross(one, 1, 2), cross(other, 2, 1)]);
}

/** A row that a transaction has seen is changed by another one before it changes it itself. */
async function conflict(one: Session, other: Session): Promise<void> {
  await one.transaction(async (run) => {
    await run('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    await run('SELECT * FROM items');
    await other.query("UPDATE items SET name = 'd' WHERE id = 2");
    await run("UPDATE items SET name = 'e' WHERE id = 2");
  });
}

/** Resolves when so many have come. */
function meetingOf(size: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let missing = size;
  return () => {
    if (--missing === 0) resolve();
    return promise;
  };
}
