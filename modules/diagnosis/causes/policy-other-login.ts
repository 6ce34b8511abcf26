import { OWN_NAME } from '../../names/arn';
import { found } from '../cause';
import { loginArn } from '../permission';
import { userWords } from '../words';
import { permissionCause } from './permission-cause';

export const policyOtherLogin = permissionCause('policy-other-login', (refusal, facts) => {
  if (refusal.layer !== 'identity') return undefined;
  if (refusal.near.some(({ differs }) => differs.length > 0 && !differs.includes('login'))) return undefined;
  const near = refusal.near.filter(({ differs }) => differs.length === 1 && differs[0] === 'login');
  const [first] = near;
  if (!first) return undefined;
  const logins = [...new Set(near.map(({ written }) => written.login))];
  const ownName = logins.includes(OWN_NAME)
    ? '; ${aws:username} is the name of an IAM user, and a role has none'
    : '';
  return found(
    'policy-other-login',
    first.policy,
    `allows ${logins.slice(0, 3).join(', ')} on this cluster, and not ${userWords(facts)}${ownName}`,
    `add ${loginArn(facts)}, or connect as ${logins.find((login) => !/[*?$]/.test(login)) ?? 'a login that it names'}`,
  );
});
