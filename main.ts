import { App } from 'cdktf';
import environments from './environments';
import { EnvironmentError, environmentStacks } from './modules';

const app = new App();
try {
  environmentStacks(app, environments);
} catch (error) {
  if (!(error instanceof EnvironmentError)) throw error;
  console.error(error.message);
  process.exit(1);
}
app.synth();
