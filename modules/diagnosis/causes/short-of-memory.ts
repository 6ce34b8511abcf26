import { serviceCause } from './service-cause';

/** The process that checks tokens runs on the host, beside PostgreSQL. */
export const shortOfMemory = serviceCause({
  id: 'short-of-memory',
  kinds: ['log-short-of-memory'],
  metric: 'none',
  message: 'has no answer from the process that checks tokens, as on a host that is short of memory',
  wayOut: 'look at FreeableMemory; use a larger instance or more capacity units',
});
