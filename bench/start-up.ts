import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from '../cli/outcome';
import { signToken } from '../clients/aws/token';
import { LOCAL_DIRECTORY, PROJECT_DIRECTORY } from '../local/project-directory';
import { measureInTurn, type Program } from './measure';
import { comparison } from './report';

// What the command costs over what it does: a token over a bare script around the signer, all others over a bare Node. Those that
// load the project find it built; AWS answers at once from this machine, and there is no database: check and preflight end there.

const ROUNDS = 15;
const HOST = 'orders.cluster-abc.eu-west-1.rds.amazonaws.com';

export async function startUp(): Promise<void> {
  // Of nobody: a token is signed here, and AWS is not asked.
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'none' });
  mkdirSync(LOCAL_DIRECTORY, { recursive: true });
  const folder = mkdtempSync(join(LOCAL_DIRECTORY, 'bench-'));
  const policy = join(folder, 'policy.json');
  const bareNode = join(folder, 'empty.js');
  writeFileSync(bareNode, '');
  writeFileSync(
    policy,
    JSON.stringify({
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Action: 'rds-db:connect',
        Resource: 'arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-ABC/analyst',
      },
    }),
  );
  const tokenFile = join(folder, 'token');
  writeFileSync(
    tokenFile,
    await signToken({ host: HOST, port: 5432, region: 'eu-west-1', user: 'analyst' }, {}),
  );
  const aws = await standInAws();
  const cli = (options: readonly string[], exit = 0): Program => ({
    name: options.join(' '),
    command: [join(PROJECT_DIRECTORY, 'cli', 'bin.cjs'), ...options],
    exit,
  });
  const bareToken: Program = { name: 'bare token', command: [join(__dirname, 'bare-token.js'), HOST] };
  const bare: Program = { name: 'bare Node', command: [bareNode] };
  try {
    console.log(`Whole processes, ${ROUNDS} of each in turn. Ratio: ours / bare, round by round.\n`);
    const ours = [
      cli(['token', '--host', HOST, '--user', 'analyst']),
      cli(['--help']),
      cli(['lint', policy]),
      cli(['doctor', '--token', tokenFile]),
      cli(['list']),
      cli(['sql', 'dev']),
      cli(['token', 'dev', 'analyst']),
      cli(['check', 'dev'], EXIT.failed),
      cli(['preflight', 'dev'], EXIT.failed),
    ];
    const [bareTokens, nodes, ...all] = measureInTurn([bareToken, bare, ...ours], ROUNDS, folder).map(
      (samples) => samples.map(({ milliseconds }) => milliseconds),
    ) as [number[], number[], ...number[][]];
    const [tokens = [], ...others] = all;
    console.log(comparison('token / bare signer', tokens, bareTokens, 'ms', 1.3));
    for (const [index, samples] of others.entries())
      console.log(
        comparison(
          `${ours[index + 1]?.name.replace(policy, 'file').replace(tokenFile, 'file')} / bare Node`,
          samples,
          nodes,
          'ms',
        ),
      );
  } finally {
    aws.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns the process, when it answers */
async function standInAws(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(__dirname, 'stand-in-aws.js')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  Object.assign(process.env, { AWS_ENDPOINT_URL: `http://127.0.0.1:${String(port).trim()}` });
  return child;
}
