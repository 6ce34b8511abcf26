import { environmentStacks } from 'aurora-iam';
import { App } from 'cdktf';
import environments from './environments';

const app = new App();
environmentStacks(app, environments);
app.synth();
