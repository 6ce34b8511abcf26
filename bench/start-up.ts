import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LOCAL_DIRECTORY, PROJECT_DIRECTORY } from '../local/project-directory';
import { measureInTurn, type Program } from './measure';
import { comparison } from './report';

// What the command costs over what it does: a token over a bare script around the signer, the short commands over a bare Node.

const ROUNDS = 15;
const HOST = 'orders.cluster-abc.eu-west-1.rds.amazonaws.com';

export function startUp(): void {
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
  const cli = (...options: string[]): Program => ({
    name: options[0] as string,
    command: [join(PROJECT_DIRECTORY, 'cli', 'bin.cjs'), ...options],
  });
  const bareToken: Program = { name: 'bare token', command: [join(__dirname, 'bare-token.js'), HOST] };
  const bare: Program = { name: 'bare Node', command: [bareNode] };
  try {
    console.log(`Whole processes, ${ROUNDS} of each in turn. Ratio: ours / bare, round by round.\n`);
    const programs = [
      cli('token', '--host', HOST, '--user', 'analyst'),
      bareToken,
      cli('--help'),
      cli('lint', policy),
      bare,
    ];
    const [token, bareTokens, help, lint, nodes] = measureInTurn(programs, ROUNDS, folder).map((samples) =>
      samples.map(({ milliseconds }) => milliseconds),
    ) as [number[], number[], number[], number[], number[]];
    console.log(comparison('token / bare signer', token, bareTokens, 'ms', 1.3));
    console.log(comparison('--help / bare Node', help, nodes, 'ms'));
    console.log(comparison('lint / bare Node', lint, nodes, 'ms'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
