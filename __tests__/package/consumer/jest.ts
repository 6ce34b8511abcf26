import 'aurora-iam/testing';
import { App } from 'cdktf';
import { Shop } from './shop';

const shop = new Shop(new App(), 'shop');
expect(shop).toAllowConnect({ principal: 'analysts', login: 'analyst' });
expect(shop).not.toAllowNothingBut([]);
