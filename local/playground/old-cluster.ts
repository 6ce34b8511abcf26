import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import type { LocalAurora } from '../local-aurora';

export const OLD_DATABASE = 'shop';

/** Logins with passwords. The first owns what there is, as applications often do. */
export const OLD_USERS = ['shop_app', 'analyst'] as const;

/** Everybody knows it, and it opens nothing but a playground on the loopback interface. */
export const OLD_PASSWORD = 'playground';

/** What a cluster may look like before anybody thought of IAM: an application that owns its tables, and a reader. */
const STATEMENTS = [
  `CREATE ROLE shop_app LOGIN PASSWORD '${OLD_PASSWORD}'`,
  `CREATE ROLE analyst LOGIN PASSWORD '${OLD_PASSWORD}'`,
  'CREATE TABLE customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL)',
  'CREATE TABLE invoices (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer bigint REFERENCES customers, cents bigint NOT NULL)',
  "INSERT INTO customers (name) VALUES ('Jane'), ('Joe')",
  'INSERT INTO invoices (customer, cents) SELECT id, 1000 * id FROM customers',
  'GRANT shop_app TO postgres',
  'GRANT CREATE ON SCHEMA public TO shop_app',
  'ALTER TABLE customers OWNER TO shop_app',
  'GRANT SELECT ON customers, invoices TO analyst',
];

/** @throws if the cluster has no master yet */
export async function furnishOldCluster(aurora: LocalAurora): Promise<void> {
  const password = aurora.masterPassword();
  if (password === undefined) throw new Error('The cluster was created, and has no master.');
  const client = new Client({
    host: 'localhost',
    port: aurora.port,
    user: 'postgres',
    password,
    database: OLD_DATABASE,
    // The authority is this run's own, and signs for localhost.
    ssl: { ca: readFileSync(aurora.certificateAuthorityFile, 'utf8') },
  });
  await client.connect();
  try {
    for (const statement of STATEMENTS) await client.query(statement);
  } finally {
    await client.end();
  }
}
