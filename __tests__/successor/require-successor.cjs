// Before each file of tests, by jest's own way of finding modules: a copy that fell back on cdktf would prove nothing.
const { name } = require('cdktf/package.json');
if (name !== 'cdktn') throw new Error(`These tests are for cdktn, and cdktf is ${name} here.`);
