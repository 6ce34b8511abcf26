import { serviceCause } from './service-cause';

/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.Troubleshooting.html */
export const throttled = serviceCause({
  id: 'throttled',
  kinds: ['log-throttled'],
  metric: 'IamDbAuthConnectionFailureThrottling',
  message: 'refuses logins because there are too many new connections per second',
  wayOut: 'open fewer: use a pool, and wait longer after each refusal',
});
