import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { review } from '../../cli/review';
import { change, planWith, policyText } from '../support/plan-json';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-iam-review-'));
});
afterEach(() => {
  delete process.env['AURORA_IAM_ACCEPT'];
  delete process.env['AURORA_IAM_ALLOW_FOREIGN'];
  rmSync(folder, { recursive: true });
});

function write(name: string, content: unknown): string {
  const file = join(folder, name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

const on = { iam_database_authentication_enabled: true, storage_encrypted: true };
const destroyed = planWith([change('aws_rds_cluster.cluster', on, null)]);
const of = (...logins: string[]) =>
  planWith([change('aws_iam_policy.p', null, { name: 'orders.dev.api', policy: policyText(logins) })]);

/** What the line of a fault says to paste. */
function tokenIn(text: string): string {
  return /to accept it: (\S+)$/m.exec(text)?.[1] ?? '';
}

describe('aurora-iam review', () => {
  test('a plan in which all is well', () => {
    expect(review([write('dev-policies.plan.json', of('api'))], {})).toEqual({
      text: '0 faults, 0 notes\n',
      exit: 0,
    });
  });

  test('a fault is named by its stack and address, and can be accepted', () => {
    const file = write('dev-cluster/plan.json', destroyed);
    const { text, exit } = review([file], {});
    expect(exit).toBe(1);
    expect(text).toMatch(/^fault cluster-destroyed dev-cluster aws_rds_cluster\.cluster: would be destroyed/);
    expect(text).toMatch(/1 fault, 0 notes\n$/);
    const accept = [tokenIn(text)];
    expect(accept).toEqual([
      expect.stringMatching(/^cluster-destroyed:aws_rds_cluster\.cluster:[0-9a-f]{16}$/),
    ]);
    expect(review([file], { accept })).toMatchObject({ exit: 0 });
    process.env['AURORA_IAM_ACCEPT'] = `other:thing,${accept[0]}`;
    const { text: accepted, exit: then } = review([file], {});
    expect(then).toBe(0);
    expect(accepted).toContain('(accepted)');
    expect(accepted).toContain('note acceptance `other:thing`: accepts nothing in these plans');
  });

  test('for scripts: the same findings, with what accepts them', () => {
    const file = write('dev-cluster/plan.json', destroyed);
    const { text, exit } = review([file], { json: true });
    expect(exit).toBe(1);
    expect(JSON.parse(text)).toEqual({
      findings: [
        expect.objectContaining({
          rule: 'cluster-destroyed',
          severity: 'fault',
          where: 'dev-cluster aws_rds_cluster.cluster',
          acceptance: tokenIn(review([file], {}).text),
        }),
      ],
    });
    expect(() => review([file], { json: true, markdown: true })).toThrow('not both');
  });

  test('an acceptance is of what it was given for, and of nothing else at the same place', () => {
    const beyond = (resource: string) =>
      write('dev-policies.plan.json', {
        ...of('api'),
        resource_changes: [
          change('aws_iam_policy.p', null, {
            name: 'orders.dev.api',
            policy: policyText(['api'], { Action: 's3:*', Resource: resource }),
          }),
        ],
      });
    const accept = [tokenIn(review([beyond('arn:aws:s3:::bucket')], {}).text)];
    expect(review([beyond('arn:aws:s3:::bucket')], { accept }).exit).toBe(0);
    const { text, exit } = review([beyond('*')], { accept });
    expect(exit).toBe(1);
    expect(text).toContain('is for something else there');
    expect(tokenIn(text)).not.toBe(accept[0]);
    // As earlier versions took it: whatever would be done at this address.
    const old = review([beyond('*')], { accept: ['policy-beyond-connect:aws_iam_policy.p'] });
    expect(old.exit).toBe(1);
    expect(old.text).toContain('does not accept this');
    expect(old.text).toContain(`to accept it: ${tokenIn(text)}`);
  });

  test('an address with blanks and commas can be accepted from the environment', () => {
    const address = 'aws_rds_cluster.c["a b,c"]';
    const file = write('x.plan.json', planWith([{ ...destroyed.resource_changes?.[0], address } as never]));
    process.env['AURORA_IAM_ACCEPT'] = tokenIn(review([file], {}).text);
    expect(review([file], {}).exit).toBe(0);
  });

  test('what a stack of ones own holds besides is allowed by type or address, and told', () => {
    const file = write(
      'own.plan.json',
      planWith([
        change('aws_s3_bucket.b', null, { bucket: 'mine' }),
        change('random_id.x', null, { byte_length: 4 }),
      ]),
    );
    expect(review([file], {}).text).toMatch(/^fault foreign .*\nfault foreign .*\n2 faults/);
    const allowForeign = ['aws_s3_bucket', 'random_id.x'];
    expect(review([file], { allowForeign }).exit).toBe(0);
    process.env['AURORA_IAM_ALLOW_FOREIGN'] = allowForeign.join(' ');
    expect(review([file], { markdown: true }).text).toContain(
      '`aws_s3_bucket.b` is created: `bucket` is `mine`',
    );
    expect(review([file], {}).exit).toBe(0);
  });

  test('Markdown of several plans, with the same verdict', () => {
    const files = [write('dev-policies.plan.json', of('api')), write('dev-cluster.plan.json', destroyed)];
    const { text, exit } = review(files, { markdown: true });
    expect(exit).toBe(1);
    expect(text).toContain('### `dev-policies`');
    expect(text).toContain('may connect as `api`');
    expect(text).toContain('### `dev-cluster`\n\n**Must not be applied**');
  });

  test('against plans of before: a changed stack, a new one, and one that is gone', () => {
    const base = join(folder, 'base');
    write('base/dev-policies.plan.json', of('api', 'ci'));
    write('base/old-policies.plan.json', of('api'));
    const files = [write('dev-policies.plan.json', of('api')), write('new-policies.plan.json', of('api'))];
    const { text, exit } = review(files, { base, markdown: true });
    expect(exit).toBe(0);
    const [, dev = '', added = '', gone = ''] = text.split('### ');
    expect(dev).toContain('no longer connect as `ci`');
    expect(dev).not.toContain('Gains');
    expect(added).toContain('may connect as `api`');
    expect(gone).toContain('`old-policies`');
    expect(gone).toContain('That destroys nothing');
    expect(gone).not.toContain('No changes');
  });

  test('of many stacks, those in which nothing changes are one line', () => {
    const base = join(folder, 'base');
    for (const name of ['dev', 'prod']) {
      write(`base/${name}-policies.plan.json`, of('api'));
      write(`${name}-policies.plan.json`, of('api'));
    }
    const files = ['dev', 'prod'].map((name) => join(folder, `${name}-policies.plan.json`));
    expect(review(files, { base, markdown: true })).toEqual({
      text: 'No changes: `dev-policies`, `prod-policies`\n',
      exit: 0,
    });
  });

  test.each([
    ['no JSON', 'Terraform will perform the following actions', 'is not what Terraform prints of a plan'],
    ['no plan', { values: {} }, 'terraform show -json plan > plan.json'],
    ['a plan that failed', { ...destroyed, errored: true }, 'is of a plan that failed'],
  ])('%s is refused', (_what, content, message) => {
    const file = write('p.json', content);
    expect(() => review([file], {})).toThrow(message);
  });

  test('files that are not there are refused', () => {
    expect(() => review([join(folder, 'none.json')], {})).toThrow('cannot be read');
    const files = [write('a.json', destroyed), write('b.json', destroyed)];
    expect(() => review(files, { base: join(folder, 'none') })).toThrow('is not there');
    expect(() => review(files, { base: files[0] as string })).toThrow('give a folder of plans');
  });

  test('as a process: the exit code, and no stack trace', () => {
    const run = (...options: string[]) =>
      spawnSync(process.execPath, ['dist/cli/aurora-iam.js', 'review', ...options], { encoding: 'utf8' });
    expect(run(write('dev-cluster.plan.json', destroyed))).toMatchObject({ status: 1, stderr: '' });
    const bad = run(write('x.json', 'x'));
    expect(bad.status).toBe(2);
    expect(bad.stderr).toMatch(/^aurora-iam: .*is not what Terraform prints of a plan.*\n$/);
  });
});
