import { planOf } from 'aurora-iam/testing';
import { App } from 'cdktf';
import { Shop } from './shop';

// No test runner here: what would be made is printed. The versions are the program's arguments.
const [aws = '', postgresql = ''] = process.argv.slice(2);
planOf(new Shop(new App(), 'shop'), { providerVersions: { aws, postgresql } }).then(({ resources }) =>
  console.log(JSON.stringify(resources)),
);
