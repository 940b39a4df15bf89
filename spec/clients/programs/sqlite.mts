import Database from 'better-sqlite3';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { report, type Scenario } from './support/scenarios.mts';

/** What runs one statement. */
type Exec = (statement: string) => unknown;

interface Client {
  open(file: string, options?: { readonly?: boolean }): Exec | Promise<Exec>;
}

const clients: Record<string, Client> = {
  'better-sqlite3': { open: (file, { readonly = false } = {}) => { const db = new Database(file, { timeout: 0, readonly }); return (statement) => db.exec(statement); } },
  'node:sqlite': { open: (file, { readonly = false } = {}) => { const db = new DatabaseSync(file, { timeout: 0, readOnly: readonly }); return (statement) => db.exec(statement); } },
  Drizzle: { open: (file, { readonly = false } = {}) => { const db = drizzle({ client: new Database(file, { timeout: 0, readonly }) }); return (statement) => db.run(sql.raw(statement)); } },
  TypeORM: {
    open: async (file, { readonly = false } = {}) => {
      const source = await new DataSource({ type: 'better-sqlite3', database: file, timeout: 0, readonly }).initialize();
      return (statement) => source.query(statement);
    },
  },
};

const folder = mkdtempSync(join(tmpdir(), 'breaker-box-sqlite-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const broken = join(folder, 'broken.db');
writeFileSync(broken, 'this is not a database, '.repeat(100));

function scenariosOf(client: Client, name: string): Record<string, Scenario> {
  const file = join(folder, `${name.replace(':', '-')}.db`);
  new Database(file).exec("CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT; INSERT INTO items (id, name) VALUES (1, 'a')");
  const run = (statement: string, options?: { readonly?: boolean }): Scenario => async () => (await client.open(file, options))(statement);
  return {
    busy: async () => {
      const [holder, other] = [await client.open(file), await client.open(file)];
      await holder('BEGIN IMMEDIATE');
      try {
        await other("UPDATE items SET name = 'b'");
      } finally {
        await holder('ROLLBACK');
      }
    },
    'unique violation': run("INSERT INTO items (id, name) VALUES (1, 'b')"),
    'null in a column that has none': run('INSERT INTO items (id, name) VALUES (9, NULL)'),
    'wrong type': run("INSERT INTO items (id, name) VALUES ('x', 'b')"),
    'syntax error': run('SELEC 1'),
    'no such table': run('SELECT * FROM nowhere'),
    'write to a database that is read-only': run("UPDATE items SET name = 'b'", { readonly: true }),
    'file cannot be opened': async () => (await client.open(folder))('SELECT 1'),
    'file is no database': async () => (await client.open(broken))('SELECT * FROM items'),
    'disk is full': async () => {
      const exec = await client.open(file);
      await exec('PRAGMA max_page_count = 3');
      await exec('INSERT INTO items (name) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000) SELECT hex(i) FROM n');
    },
  };
}

await report(Object.fromEntries(Object.entries(clients).flatMap(([name, client]) => Object.entries(scenariosOf(client, name)).map(([what, scenario]) => [`${name}: ${what}`, scenario]))));
