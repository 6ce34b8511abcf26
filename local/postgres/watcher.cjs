// Runs between us and the server, in a session of its own (Ctrl-C does not reach it). When its standard input closes,
// which also happens when our process is killed, it ends the server and removes what is left.
const { spawn } = require('node:child_process');
const { rmSync } = require('node:fs');
const { command, args, options, leftovers } = JSON.parse(process.argv[2]);
const server = spawn(command, args, { ...options, stdio: ['ignore', 'inherit', 'inherit'] });
let stopping = false;
function stop() {
  if (stopping) return;
  stopping = true;
  server.kill('SIGINT');
  setTimeout(() => server.kill('SIGQUIT'), 5000);
  setTimeout(() => server.kill('SIGKILL'), 10000);
}
process.stdin.on('end', stop).on('error', stop).on('close', stop).resume();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
server.on('error', (error) => {
  console.error(`FATAL:  ${error.message}`);
  process.exit(1);
});
server.on('exit', (code) => {
  if (stopping)
    for (const directory of leftovers) rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  process.exit(stopping ? 0 : code || 1);
});
