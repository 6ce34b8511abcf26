import { found } from '../cause';
import { signerWords, userWords } from '../words';
import { permissionCause } from './permission-cause';

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_OrganizationsDecisionDetail.html */
export const organizationPolicy = permissionCause(
  'organization-policy',
  (refusal, facts) =>
    refusal.layer === 'organization'
      ? found(
          'organization-policy',
          'a service control policy of the organization',
          `does not let ${signerWords(facts)} connect as ${userWords(facts)}; the policies of the account do not decide it`,
          'ask who manages the organization to allow rds-db:connect',
        )
      : undefined,
  (by, { permission }) =>
    by === 'documents' && 'notKnown' in permission.simulation ? permission.simulation.notKnown : undefined,
  'a service control policy of the organization does not allow it (iam:SimulatePrincipalPolicy tells)',
);
