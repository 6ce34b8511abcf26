import { App } from 'cdktf';

// What every CDKTF program takes before it does anything.
new App().synth();
