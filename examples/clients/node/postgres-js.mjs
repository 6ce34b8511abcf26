// postgres.js: a pool whose every new connection logs in with a fresh token.
// npm install postgres @aws-sdk/rds-signer
import { readFileSync } from 'node:fs';
import { Signer } from '@aws-sdk/rds-signer';
import postgres from 'postgres';

const { PGHOST, PGPORT = '5432', PGUSER, PGDATABASE, PGPASSWORD, PGSSLROOTCERT, AWS_REGION } = process.env;

// It keeps the credentials and renews them; a token is signed here, without a call to AWS.
const signer = new Signer({ hostname: PGHOST, port: Number(PGPORT), username: PGUSER, region: AWS_REGION });

const sql = postgres({
  host: PGHOST,
  port: Number(PGPORT),
  user: PGUSER,
  database: PGDATABASE,
  // A function: it is called for each new connection. PGPASSWORD is for the proxy, which signs itself.
  password: PGPASSWORD ?? (() => signer.getAuthToken()),
  ssl: { ca: readFileSync(PGSSLROOTCERT, 'utf8') },
});

// Two at once are two connections, and so two tokens.
const answers = await Promise.all([
  sql`SELECT current_user, pg_sleep(0.1)`,
  sql`SELECT current_user, pg_sleep(0.1)`,
]);
for (const [row] of answers) console.log(row.current_user);
await sql.end();
