import { serviceCause } from './service-cause';

/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.Troubleshooting.html */
export const serviceError = serviceCause({
  id: 'service-error',
  kinds: ['log-internal-error'],
  metric: 'IamDbAuthConnectionFailureServerError',
  message: 'has an error inside of IAM authentication',
  wayOut: 'try again; if it stays, ask AWS Support',
});
