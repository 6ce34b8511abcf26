import { found } from '../cause';
import { loginArn } from '../permission';
import { userWords } from '../words';
import { permissionCause } from './permission-cause';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html */
export const boundaryWithoutConnect = permissionCause('boundary-without-connect', (refusal, facts) =>
  refusal.layer === 'boundary'
    ? found(
        'boundary-without-connect',
        `the permissions boundary ${refusal.reason}`,
        `does not allow connecting as ${userWords(facts)}; the policies of the identity do`,
        `allow rds-db:connect on ${loginArn(facts) ?? 'the login'} in the boundary`,
      )
    : undefined,
);
