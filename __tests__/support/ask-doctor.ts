import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { type DoctorOptions, doctor } from '../../cli/doctor';
import type { Outcome } from '../../cli/outcome';
import type { LocalAurora } from '../../local/local-aurora';
import { PROJECT_DIRECTORY } from '../../local/project-directory';
import type { AwsEdge } from './aws-edge';
import { ended } from './cli-project';
import { type Answer, type Level, MASTER_PASSWORD, type Question, USER } from './fault-stage';

/** What the doctor is asked in. */
export interface Scene {
  readonly aurora: LocalAurora;
  readonly edge: AwsEdge;
  readonly host: string;
  readonly folder: string;
  readonly credentials: AwsCredentialIdentity;
}

/** What each level may ask AWS: https://docs.aws.amazon.com/service-authorization/latest/reference/ */
export const ALLOWED: Readonly<Record<Level, RegExp>> = {
  connect: /^sts:GetCallerIdentity$/,
  read: /^(sts:GetCallerIdentity|rds:Describe\w+|iam:(Get|List|Simulate)\w+|logs:FilterLogEvents|monitoring:GetMetricData)$/,
  admin: /./,
};

/** `npm test` has built the command. */
export const COMMAND = join(PROJECT_DIRECTORY, 'dist', 'cli', 'aurora-iam.js');

/** The environment of a person who has these credentials. */
export function variablesOf(
  { edge, folder, credentials }: Scene,
  level: Level,
  question: Pick<Question, 'credentials' | 'variables'>,
): Record<string, string> {
  const { accessKeyId, secretAccessKey, sessionToken } = question.credentials ?? credentials;
  return {
    PATH: process.env['PATH'] ?? '',
    AWS_ENDPOINT_URL: edge.url,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: join(folder, 'none'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'none'),
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken ? { AWS_SESSION_TOKEN: sessionToken } : {}),
    ...(level === 'admin' ? { PGPASSWORD: MASTER_PASSWORD } : {}),
    ...question.variables,
  };
}

/** In this process, with the environment of a person who has these credentials. */
export async function askDoctor(scene: Scene, level: Level, question: Question): Promise<Answer> {
  const { aurora, edge, host, folder } = scene;
  const { options = {}, token, clock = 0 } = question;
  edge.set({
    allowed: ALLOWED[level],
    ...(question.edge ? { decide: question.edge } : {}),
    ...(question.delay ? { delay: question.delay } : {}),
  });
  const before = { ...process.env };
  for (const name of Object.keys(process.env)) if (/^(AWS_|PG)/.test(name)) delete process.env[name];
  Object.assign(process.env, variablesOf(scene, level, question));
  const tokenFile = join(folder, 'token');
  if (token !== undefined) writeFileSync(tokenFile, token);
  const named: Partial<DoctorOptions> =
    level === 'connect' ? { host, port: aurora.port, database: 'orders' } : { env: 'test' };
  const began = performance.now();
  try {
    const all: DoctorOptions = {
      user: USER,
      through: `127.0.0.1:${aurora.port}`,
      ca: aurora.certificateAuthorityFile,
      json: true,
      ...(token === undefined ? {} : { token: tokenFile }),
      ...named,
      ...options,
    };
    const outcome = clock === 0 ? await doctor(all) : await inOtherTime(folder, clock, all);
    const milliseconds = performance.now() - began;
    if (outcome.error !== undefined) throw new Error(outcome.error);
    return { ...JSON.parse(outcome.text), exit: outcome.exit, milliseconds };
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

/** A program that is loaded before the command: what it signs, and shows, carries another time. */
const SHIFT = `const { Date: Real } = globalThis;
const ahead = Number(process.env.AHEAD) * 1000;
globalThis.Date = class extends Real {
  constructor(...given) {
    if (given.length === 0) super(Real.now() + ahead);
    else super(...given);
  }
  static now = () => Real.now() + ahead;
};
`;

/** As a process of its own, whose clock is wrong. */
async function inOtherTime(
  folder: string,
  seconds: number,
  options: Partial<DoctorOptions>,
): Promise<Outcome> {
  const shim = join(folder, 'shift.cjs');
  writeFileSync(shim, SHIFT);
  const flags = {
    env: '--env',
    user: '--user',
    host: '--host',
    port: '--port',
    through: '--through',
    ca: '--ca',
    database: '--database',
  };
  const given = Object.entries(flags).flatMap(([name, flag]) => {
    const value = options[name as keyof typeof flags];
    return value === undefined ? [] : [flag, String(value)];
  });
  const { status, stdout, stderr } = await ended(
    process.execPath,
    [
      '--require',
      shim,
      join(PROJECT_DIRECTORY, 'dist', 'cli', 'aurora-iam.js'),
      'doctor',
      '--json',
      ...given,
    ],
    { cwd: folder, env: { ...process.env, AHEAD: String(seconds) } },
  );
  return { text: stdout, exit: status ?? 3, ...(stdout === '' ? { error: stderr } : {}) };
}
