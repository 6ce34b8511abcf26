#!/usr/bin/env node
// Committed with its executable bit, which a file that the compiler writes anew would lose.
require('../dist/cli/terraform-reviewed.js');
