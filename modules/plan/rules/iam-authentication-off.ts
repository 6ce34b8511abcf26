import { attributeOf, isUnknown, managed, stays } from '../values';
import { fault, note, type Rule } from './rule';

const AUTHENTICATION = 'iam_database_authentication_enabled';

export const iamAuthenticationOff: Rule<'iam-authentication-off'> = (plan) =>
  managed(plan).flatMap((resource) => {
    const { address, type, change } = resource;
    if (!['aws_rds_cluster', 'aws_db_instance'].includes(type) || !stays(resource)) return [];
    if (attributeOf(change.after, AUTHENTICATION) === true) return [];
    if (attributeOf(change.before, AUTHENTICATION) === true)
      return [
        fault(
          'iam-authentication-off',
          address,
          `${isUnknown(change.after_unknown, AUTHENTICATION) ? 'may switch' : 'switches'} IAM authentication off: every login with a token would be refused`,
          `leave ${AUTHENTICATION} = true`,
        ),
      ];
    return change.actions.includes('create')
      ? [
          note(
            'iam-authentication-off',
            address,
            'is created without IAM authentication: nobody can log in with a token',
            `set ${AUTHENTICATION} = true`,
          ),
        ]
      : [];
  });
