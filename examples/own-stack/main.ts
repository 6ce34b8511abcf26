import { App } from 'cdktf';
import { Shop } from './shop';

const app = new App();
new Shop(app, 'shop');
app.synth();
