import { silenceNodeVersionWarning } from '../clients/aws/node-version-warning';
import { collisions } from './collisions';
import { plans } from './plans';
import { proxy } from './proxy';
import { startUp } from './start-up';
import { synth } from './synth';

// `npm run bench [-- <name>]`: figures, each a ratio of things measured in one run.

silenceNodeVersionWarning();

const BENCHES: Readonly<Record<string, () => void | Promise<void>>> = {
  synth,
  plans,
  collisions,
  proxy,
  'start-up': startUp,
};

const name = process.argv[2] ?? 'synth';
const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
Promise.resolve()
  .then(
    bench ??
      (() => {
        throw new Error(`There is no bench "${name}"; there is ${Object.keys(BENCHES).join(', ')}.`);
      }),
  )
  .catch((error: unknown) => {
    console.error(`Could not measure. ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  });
