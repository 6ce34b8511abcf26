import { App } from 'cdktf';
import 'aurora-iam/testing';
import { type AllowedConnect, connectMatchers, toAllowConnect, toAllowNothingBut } from 'aurora-iam/testing';
import { Shop } from './shop';

// No test runner here: what the matchers answer is printed.
const shop = new Shop(new App(), 'shop');
const list: AllowedConnect[] = [{ principal: 'analysts', login: 'analyst' }];
console.log(
  JSON.stringify({
    matchers: Object.keys(connectMatchers),
    connects: toAllowConnect(shop, { principal: 'analysts', login: 'analyst' }).pass,
    nothingElse: toAllowNothingBut(shop, list).pass,
    nobodyElse: toAllowNothingBut(shop, []).pass,
  }),
);
