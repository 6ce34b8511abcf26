import { filesIn, textOf } from './support/source-files';

// What is spelled, and read, in one file only. Tests are free to write it out: they say what must come of it.

const ROOMS = ['modules', 'clients', 'planning', 'proxy', 'testing', 'cli', 'local', 'bench', 'docs'];

interface OnePlace {
  readonly what: RegExp;
  /** What to take instead. */
  readonly instead: string;
  /** Files that may: where it is made, and each other one with its reason. */
  readonly allowed: Readonly<Record<string, string>>;
}

const ONE_PLACE: readonly OnePlace[] = [
  {
    what: /`[^`]*\barn:\$\{(?!partition\}:…)/,
    instead: 'formatArn, or a function beside it in modules/names/arn.ts',
    allowed: {
      'modules/names/arn.ts': 'makes them',
      'modules/iam/lint/partition.ts': 'shows the beginning of a pattern, to be written instead',
    },
  },
  {
    what: /\/\^arn:/,
    instead: 'splitArn, or the inverse of a shape in modules/names/arn.ts',
    allowed: {
      'modules/names/arn.ts': 'reads them',
      'modules/names/endpoint.ts': 'only tells an ARN from the name of a host',
      'modules/iam/trust-statements.ts': 'looks at what stands before a wildcard in a pattern',
    },
  },
  {
    what: /\.split\(':'\)/,
    instead: 'splitArn, or the inverse of a shape in modules/names/arn.ts',
    allowed: {
      'modules/names/arn.ts': 'reads them',
      'modules/iam/evaluator/wildcard.ts': 'counts the fields of a pattern',
      'modules/iam/lint/resource-type.ts': 'the type in a pattern',
      'modules/iam/lint/short-arn.ts': 'the empty fields of a pattern',
      'planning/find-mirrors.ts': 'a list of folders',
      'clients/aws/policies-of.ts': '`<role id>:<session>`',
      'local/aws/assume-role.ts': '`<role id>:<session>`',
    },
  },
  {
    what: /\}-(cluster|database|policies)\b/,
    instead: 'stackName of modules/environment/environment.ts',
    allowed: {},
  },
  {
    what: /'(policy_arns|policy_documents|role_arns|connect_commands)'/,
    instead: 'OUTPUTS of modules/names/outputs.ts',
    allowed: {
      'modules/names/outputs.ts': 'names them',
      'modules/plan/rules/foreign-policy.ts': 'an attribute of an attachment, which has the same name',
    },
  },
  {
    what: /'rds_iam'/,
    instead: 'RDS_IAM of modules/names/postgresql.ts, or LoginRole.memberships',
    allowed: { 'modules/names/postgresql.ts': 'names it' },
  },
  {
    what: /'rds-db:connect'/i,
    instead: 'CONNECT of modules/iam/actions.ts',
    allowed: {
      'modules/iam/actions.ts': 'names it',
      'bench/start-up.ts': 'the input of a program that is measured',
    },
  },
];

test.each(ONE_PLACE)('$what stands in one place', ({ what, instead, allowed }) => {
  const elsewhere = sources().filter(({ file, text }) => !(file in allowed) && what.test(text));
  expect(elsewhere.map(({ file }) => `${file} matches ${what}: take ${instead}`)).toEqual([]);
});

test.each(ONE_PLACE)('each file that may have $what does', ({ what, allowed }) => {
  const found = sources().filter(({ text }) => what.test(text));
  expect(Object.keys(allowed).filter((file) => !found.some((each) => each.file === file))).toEqual([]);
});

function sources(): { readonly file: string; readonly text: string }[] {
  return ROOMS.flatMap(filesIn).map((file) => ({
    file,
    text: textOf(file).replace(/^\s*(\/\/|\*|\/\*\*).*$/gm, ''),
  }));
}
