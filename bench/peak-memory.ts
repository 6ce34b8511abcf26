import { existsSync, readFileSync, writeFileSync } from 'node:fs';

// Loaded by --require into every measured process, ours and bare alike: leaves its peak of resident memory, in KiB,
// in the file that the parent names.

const PROCESS_STATUS = '/proc/self/status';

process.on('exit', () => {
  const file = process.env['PEAK_MEMORY_FILE'];
  if (file) writeFileSync(file, String(peakMemory()));
});

/** Linux starts `maxRSS` of a new process with the memory of the process that started it, but not VmHWM. */
function peakMemory(): number {
  const status = existsSync(PROCESS_STATUS) ? readFileSync(PROCESS_STATUS, 'utf8') : '';
  const highWaterMark = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return highWaterMark === undefined ? process.resourceUsage().maxRSS : Number(highWaterMark);
}
