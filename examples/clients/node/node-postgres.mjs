// node-postgres: a pool whose every new connection logs in with a fresh token.
// npm install pg @aws-sdk/rds-signer
import { readFileSync } from 'node:fs';
import { Signer } from '@aws-sdk/rds-signer';
import pg from 'pg';

const { PGHOST, PGPORT = '5432', PGUSER, PGDATABASE, PGPASSWORD, PGSSLROOTCERT, AWS_REGION } = process.env;

// It keeps the credentials and renews them; a token is signed here, without a call to AWS.
const signer = new Signer({ hostname: PGHOST, port: Number(PGPORT), username: PGUSER, region: AWS_REGION });

const pool = new pg.Pool({
  host: PGHOST,
  port: Number(PGPORT),
  user: PGUSER,
  database: PGDATABASE,
  // A function: the pool calls it for each new connection. PGPASSWORD is for the proxy, which signs itself.
  password: PGPASSWORD ?? (() => signer.getAuthToken()),
  ssl: { ca: readFileSync(PGSSLROOTCERT, 'utf8') },
});

// Two at once are two connections, and so two tokens.
const answers = await Promise.all([pool.query('SELECT current_user'), pool.query('SELECT current_user')]);
for (const { rows } of answers) console.log(rows[0].current_user);
await pool.end();
