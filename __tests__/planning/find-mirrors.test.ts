import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { searchMirrors, versionsIn } from '../../planning/find-mirrors';

const AWS = 'registry.terraform.io/hashicorp/aws';
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'aurora-iam-mirrors-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function folder(...path: string[]): string {
  const made = join(root, ...path);
  mkdirSync(made, { recursive: true });
  return made;
}

test('the usual places are searched, and only they where a mirror is there', () => {
  folder('srv', 'terraform', AWS, '6.25.0');
  folder('elsewhere', AWS, '6.25.0');
  expect(searchMirrors(root)).toEqual([{ path: join(root, 'srv', 'terraform'), providers: [AWS] }]);
});

test.each([[['mirror']], [['data', 'mirror']], [['data', 'terraform', 'mirror']]])(
  'where the usual places have none, a mirror in /%j is found',
  (path) => {
    folder(...path, AWS, '6.25.0');
    folder('opt', 'empty', 'registry.terraform.io');
    expect(searchMirrors(root)).toEqual([{ path: join(root, ...path), providers: [AWS] }]);
  },
);

test('a mirror behind a link is found, and a link that leads up is no loop', () => {
  folder('a', 'b', 'c', 'd', 'deep', AWS);
  symlinkSync(join(root, 'a', 'b', 'c', 'd', 'deep'), join(root, 'mirror'));
  symlinkSync(root, join(root, 'a', 'up'));
  expect(searchMirrors(root)).toEqual([{ path: join(root, 'mirror'), providers: [AWS] }]);
});

test.each([[['a', 'b', 'c', 'd']], [['tmp']], [['proc', 'x']]])('none is looked for in /%j', (path) => {
  folder(...path, AWS, '6.25.0');
  expect(searchMirrors(root)).toEqual([]);
});

test('the folder of a mirror that everybody may write to is left alone: its providers would run', () => {
  const mirror = folder('data', 'mirror');
  folder('data', 'mirror', AWS, '6.25.0');
  chmodSync(mirror, 0o777);
  expect(searchMirrors(root)).toEqual([]);
  chmodSync(mirror, 0o755);
  chmodSync(join(root, 'data'), 0o1777);
  expect(searchMirrors(root)).toEqual([]);
});

test('the search ends at its limits, the upper levels first', () => {
  for (let number = 0; number < 20; number++) folder('huge', `${number}`, 'x');
  folder('mirror', AWS, '6.25.0');
  expect(searchMirrors(root, { folders: 2, milliseconds: 10_000 })).toHaveLength(1);
  expect(searchMirrors(root, { folders: 0, milliseconds: 10_000 })).toHaveLength(0);
  expect(searchMirrors(root, { folders: 1000, milliseconds: -1 })).toHaveLength(0);
});

test('the versions of a provider in a mirror, unpacked and packed, in order', () => {
  for (const version of ['6.2.0', '5.100.0', '6.10.0']) folder('opt', 'mirror', AWS, version, 'linux_amd64');
  writeFileSync(join(root, 'opt', 'mirror', AWS, 'terraform-provider-aws_5.9.0_linux_amd64.zip'), '');
  writeFileSync(join(root, 'opt', 'mirror', AWS, 'index.json'), '');
  const mirrors = searchMirrors(root);
  expect(versionsIn(mirrors, 'hashicorp/aws')).toEqual(['5.9.0', '5.100.0', '6.2.0', '6.10.0']);
  expect(versionsIn(mirrors, 'hashicorp/random')).toEqual([]);
});
