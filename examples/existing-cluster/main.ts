import { EnvironmentError, environmentStacks } from 'aurora-iam';
import { App } from 'cdktf';
import environments from './environments';

const app = new App();
try {
  environmentStacks(app, environments);
} catch (error) {
  if (!(error instanceof EnvironmentError)) throw error;
  console.error(error.message); // every fault at once, with its path
  process.exit(1);
}
app.synth();
