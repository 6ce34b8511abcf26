import type { AwsCredentialIdentity } from '@aws-sdk/types';
import type { Client } from 'pg';
import { logIn, refusalOf } from '../../clients/postgresql/log-in';
import type { AccessModel } from '../../modules/access/model';
import { quoteIdentifier } from '../../modules/names/sql';
import { type LocalDoor, makeToken, makeTokenAt } from './logins';
import { expectThat, type Report } from './report';

/** What the checks of logins look at. */
export interface Scene {
  readonly report: Report;
  readonly door: LocalDoor;
  readonly model: AccessModel;
  /** login -> credentials of a principal that may use it */
  readonly credentials: ReadonlyMap<string, AwsCredentialIdentity>;
  /** Credentials of a role that exists and has no policy. */
  readonly stranger: AwsCredentialIdentity;
  readonly master: {
    readonly username: string;
    readonly byIam: boolean;
    /** Its password, or a token of this moment. */
    secret(): Promise<string>;
  };
  /** What the gate logged, as it grows. */
  readonly refusals: readonly string[];
  /** Remembers every token made, for the search for secrets at the end. */
  readonly used: Set<string>;
}

/** Made by the migrator, after all grants: whoever reaches it does so by default privileges. */
const TABLE = 'aurora_iam_check';

/** What can be tried on a table, and the privilege that PostgreSQL asks for it. */
const ATTEMPTS: readonly (readonly [privilege: string, sql: string])[] = [
  ['SELECT', `SELECT count(*) FROM ${TABLE}`],
  ['INSERT', `INSERT INTO ${TABLE} (id, note) VALUES (-1, 'x')`],
  ['UPDATE', `UPDATE ${TABLE} SET note = 'y'`],
  ['DELETE', `DELETE FROM ${TABLE}`],
  ['TRUNCATE', `TRUNCATE ${TABLE}`],
  ['USAGE ON SEQUENCE', `SELECT nextval('${TABLE}_id_seq')`],
  ['CREATE', `CREATE TABLE ${TABLE}_2 ()`],
];

/** Each login gets in and can do exactly what its groups allow. */
export async function checkLogins(scene: Scene): Promise<void> {
  const { report, model } = scene;
  for (const login of model.logins)
    await report.check(`login.${login.name}`, async () => {
      const user = await enter(scene, login.name, async (client) => {
        const { rows } = await client.query(
          'SELECT session_user::text AS login, current_user::text AS acting',
        );
        return rows[0] as { login: string; acting: string };
      });
      const expected = login.actsAs ?? login.name;
      expectThat(
        user.login === login.name && user.acting === expected,
        `is ${user.login} acting as ${user.acting}`,
      );
      return `in by token over TLS with verify-full, acting as ${user.acting}`;
    });

  const migrator = model.logins.find((login) => login.actsAs !== undefined);
  if (!migrator?.actsAs) {
    report.skip('migration', 'the environment has no login that acts as an owner');
    return;
  }
  await report.check('migration', () =>
    enter(scene, migrator.name, async (client) => {
      await client.query(`CREATE TABLE ${TABLE} (id serial PRIMARY KEY, note text)`);
      await client.query(`INSERT INTO ${TABLE} (note) VALUES ('first')`);
      const { rows } = await client.query(`SELECT tableowner FROM pg_tables WHERE tablename = '${TABLE}'`);
      expectThat(rows[0].tableowner === migrator.actsAs, `the table belongs to ${rows[0].tableowner}`);
      return `${migrator.name} made a table, which belongs to ${migrator.actsAs}`;
    }),
  );
  for (const login of model.logins)
    await report.check(`privileges.${login.name}`, async () => {
      const expected = expectedPrivileges(model, login.name, migrator.actsAs as string);
      const found = await enter(scene, login.name, tryAll);
      expectThat(
        found.join() === expected.join(),
        `could ${found.join(', ') || 'nothing'} and should ${expected.join(', ') || 'nothing'}`,
      );
      return `on the owner's new table: ${expected.join(', ') || 'nothing'}; all else refused`;
    });
}

function expectedPrivileges(model: AccessModel, name: string, creator: string): string[] {
  const login = model.logins.find((each) => each.name === name);
  if (!login) return [];
  // The owner's session is the owner.
  if (login.actsAs === creator) return ATTEMPTS.map(([privilege]) => privilege);
  const has = new Set(
    model.defaultPrivileges
      .filter(
        (each) => each.creator === creator && each.schema === 'public' && login.groups.includes(each.group),
      )
      .flatMap(({ objectType, privileges }) =>
        objectType === 'table'
          ? privileges
          : privileges.map((privilege) => `${privilege} ON ${objectType.toUpperCase()}`),
      ),
  );
  for (const role of login.predefinedRoles) {
    if (role === 'pg_read_all_data') has.add('SELECT');
    if (role === 'pg_write_all_data')
      for (const privilege of ['INSERT', 'UPDATE', 'DELETE']) has.add(privilege);
  }
  return ATTEMPTS.map(([privilege]) => privilege).filter((privilege) => has.has(privilege));
}

/** Which of the attempts the server lets through. Each is rolled back. */
async function tryAll(client: Client): Promise<string[]> {
  const allowed: string[] = [];
  for (const [privilege, sql] of ATTEMPTS) {
    await client.query('BEGIN');
    const refusal = await refusalOf(client.query(sql));
    await client.query('ROLLBACK');
    if (refusal === undefined) allowed.push(privilege);
    // 42501: insufficient_privilege. Any other error is the attempt's own fault.
    else expectThat(refusal.includes('(42501)'), `${privilege}: ${refusal}`);
  }
  return allowed;
}

/** Everyone who should not get in is refused, as RDS refuses, for the true reason in the log. */
export async function checkRefusals(scene: Scene): Promise<void> {
  const { report, door, model, stranger } = scene;
  const names = model.logins.map((login) => login.name).filter((name) => scene.credentials.has(name));
  const [name, other] = names;
  if (name === undefined || other === undefined) {
    report.skip('refused', 'the environment has less than two logins with a principal');
    return;
  }
  const own = scene.credentials.get(name) as AwsCredentialIdentity;
  const pam = (user: string) => `PAM authentication failed for user "${user}" (28000)`;
  const refused = (id: string, user: string, token: () => Promise<string>, reason: RegExp, what: string) =>
    report.check(`refused.${id}`, async () => {
      const before = scene.refusals.length;
      const password = await token();
      scene.used.add(password);
      const refusal = await refusalOf(logIn(door, user, password, async () => {}));
      expectThat(refusal !== undefined, `${what}: got in`);
      expectThat(refusal === pam(user), `${what}: ${refusal}`);
      const logged = scene.refusals.slice(before).join(' ');
      expectThat(reason.test(logged), `${what}: refused, but the log says: ${logged}`);
      return `${what}: ${refusal}`;
    });

  await refused(
    'other-login',
    other,
    () => makeToken(door, other, own),
    /no policy of the principal allows/,
    `${name}'s principal signs for ${other}`,
  );
  await refused(
    'other-user',
    other,
    () => makeToken(door, name, own),
    /DBUser|made for|user/i,
    `a token for ${name} used by ${other}`,
  );
  await refused(
    'no-policy',
    name,
    () => makeToken(door, name, stranger),
    /no policy of the principal allows/,
    'a principal without policy',
  );
  const quarterOfAnHourAgo = () => new Date(Date.now() - 15 * 60_000 - 1000);
  await refused(
    'expired',
    name,
    () => makeTokenAt(quarterOfAnHourAgo(), door, name, own),
    /15 minutes|expired|older/i,
    'a token 15 minutes old',
  );
  await refused(
    'other-host',
    name,
    () => makeToken({ ...door, host: door.host === 'localhost' ? '127.0.0.1' : 'localhost' }, name, own),
    /host|signed for|endpoint/i,
    'a token for another host',
  );
  await refused(
    'other-region',
    name,
    () => makeToken({ ...door, region: 'us-east-1' }, name, own),
    /region/i,
    'a token for another region',
  );
  await refused(
    'edited',
    name,
    async () => edited(await makeToken(door, name, own)),
    /signature/i,
    'a token with an edited signature',
  );

  await report.check('refused.no-tls', async () => {
    const token = await makeToken(door, name, own);
    scene.used.add(token);
    const refusal = await refusalOf(logIn(door, name, token, async () => {}, { tls: false }));
    expectThat(refusal?.includes('no encryption (28000)') === true, `without TLS: ${refusal ?? 'got in'}`);
    return `without TLS: ${refusal}`;
  });
}

/** The master still logs in as it did: by its password, or by a token and nothing else. */
export async function checkMaster({ report, door, master, used }: Scene): Promise<void> {
  await report.check('master', async () => {
    const secret = await master.secret();
    if (master.byIam) used.add(secret);
    await logIn(door, master.username, secret, async (client) => {
      const { rows } = await client.query('SELECT session_user::text AS name');
      expectThat(rows[0].name === master.username, `is ${rows[0].name}`);
    });
    if (!master.byIam) return `${master.username} logs in by password`;
    const refused = await logIn(door, master.username, 'a password', async () => undefined).then(
      () => undefined,
      (error: Error) => error.message,
    );
    expectThat(
      refused?.includes('PAM authentication failed') === true,
      `a password: ${refused ?? 'admitted'}`,
    );
    return `${master.username} logs in by a token, and by no password`;
  });
}

async function enter<T>(scene: Scene, name: string, use: (client: Client) => Promise<T>): Promise<T> {
  const credentials = scene.credentials.get(name);
  expectThat(credentials !== undefined, `no principal of the environment connects as ${name}`);
  const token = await makeToken(scene.door, name, credentials);
  scene.used.add(token);
  return logIn(scene.door, name, token, use);
}

/** Undoes `revoke`, as the master. */
async function letInAgain({ door, master }: Scene, login: string): Promise<void> {
  await logIn(door, master.username, await master.secret(), (client) =>
    client.query(`ALTER ROLE ${quoteIdentifier(login)} LOGIN`),
  );
}

/** The same token with another last digit of its signature. */
function edited(token: string): string {
  return token.replace(
    /(X-Amz-Signature=[0-9a-f]{63})([0-9a-f])/,
    (_all, most: string, last: string) => most + (last === '0' ? '1' : '0'),
  );
}

/** The tools for the admin, as a person runs them. The last of them ends what a login can do. */
export async function checkTools(
  scene: Scene,
  environment: string,
  tool: (...toolArguments: string[]) => Promise<{ code: number; output: string }>,
  deployedAsSql: boolean,
): Promise<void> {
  const { report, model } = scene;
  for (const command of ['preflight', 'check'])
    await report.check(`tools.${command}`, async () => {
      const noState = deployedAsSql && command === 'preflight' ? ['--no-state'] : [];
      const { code, output } = await tool(command, environment, ...noState);
      expectThat(code === 0, output.trim());
      return output.trim().split('\n').at(-1) ?? '';
    });
  const login = model.logins.find(({ name, actsAs }) => actsAs === undefined && scene.credentials.has(name));
  if (!login) {
    report.skip('tools.revoke', 'the environment has no login to try it with');
    return;
  }
  await report.check('tools.revoke', async () => {
    const seen = await enter(scene, login.name, async (client) => {
      const ended = new Promise<string>((resolve) => {
        client.on('error', (error) => resolve(error.message));
      });
      const { code, output } = await tool('revoke', environment, login.name);
      expectThat(code === 0, output.trim());
      const reason = await ended;
      const refusal = await refusalOf(enter(scene, login.name, async () => {}));
      expectThat(refusal !== undefined, `${login.name} still gets in`);
      return `its open session ended (${reason}), and the next login: ${refusal}`;
    }).finally(() => letInAgain(scene, login.name));
    await enter(scene, login.name, async () => {});
    return `${seen}; with LOGIN again it gets in`;
  });
}
