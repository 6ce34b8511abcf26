import type { Environment } from '../../environment/environment';
import { identityNameOf, type NewRolePrincipal } from '../../environment/principals';
import type { PolicyStatement } from '../../iam/policy-document';
import { iamArn } from '../../names/arn';
import type { Place } from '../../names/place';
import { policyName } from '../documents';
import { type ConnectIdentity, connectModel } from '../model';
import { proxyHops } from '../proxy-hop';
import { allow, literal } from './statement';

/**
 * Whoever writes policies and attaches them gives what he likes to the principals named, and to a new role what its
 * permissions boundary lets through: that is the limit of this document, not what the policies say today.
 */
export function policyStatements(environment: Environment, home: Place): PolicyStatement[] {
  const identities = connectModel(environment).principals.flatMap(({ identity }) => identity ?? []);
  const proxyRoles = proxyHops(environment).flatMap(({ role }) => role ?? []);
  if (identities.length === 0 && proxyRoles.length === 0) return [];
  // All of this environment and of no other: there is no further dot in identifier and name.
  const policies = iamArn(home, 'policy', policyName(environment, '*'));
  const roles = Object.values(environment.principals).filter((principal) => principal.kind === 'newRole');
  const existing = (kind: ConnectIdentity['kind']) =>
    identities
      .filter((identity) => identity.kind === kind && !identity.isNew)
      .map((identity) => identityArn(home, identity));
  const named = {
    Role: [
      ...existing('role'),
      ...roles.map((role) => roleArn(home, role)),
      ...proxyRoles.map((role) =>
        identityArn(home, { kind: 'role', name: identityNameOf(role), written: role, isNew: false }),
      ),
    ],
    User: existing('user'),
    Group: existing('group'),
  };
  const tagged = Object.keys(environment.tags ?? {}).length > 0;
  return [
    allow(
      'Policies',
      [
        'iam:CreatePolicy',
        'iam:GetPolicy',
        'iam:GetPolicyVersion',
        'iam:ListPolicyVersions',
        'iam:CreatePolicyVersion',
        'iam:DeletePolicyVersion',
        'iam:DeletePolicy',
        ...(tagged ? ['iam:TagPolicy', 'iam:UntagPolicy'] : []),
      ],
      [policies],
    ),
    ...Object.entries(named).flatMap(([kind, arns]) => {
      // Several principals may be one identity.
      const resources = [...new Set(arns)].sort();
      if (resources.length === 0) return [];
      return [
        allow(`Attach${kind}`, [`iam:Attach${kind}Policy`, `iam:Detach${kind}Policy`], resources, {
          ArnLike: { 'iam:PolicyARN': policies },
        }),
        allow(`ReadAttached${kind}`, [`iam:ListAttached${kind}Policies`], resources),
      ];
    }),
    ...newRoleStatements(roles, home, tagged),
  ];
}

function newRoleStatements(
  roles: readonly NewRolePrincipal[],
  home: Place,
  tagged: boolean,
): PolicyStatement[] {
  if (roles.length === 0) return [];
  const arns = (some: readonly NewRolePrincipal[]) => some.map((role) => roleArn(home, role)).sort();
  const unbounded = roles.filter((role) => role.permissionsBoundaryArn === undefined);
  const boundaries = [...new Set(roles.flatMap((role) => role.permissionsBoundaryArn ?? []))].sort();
  const taggedRoles = roles.filter((role) => tagged || Object.keys(role.tags ?? {}).length > 0);
  const profiles = roles.filter(({ trust }) => trust.kind === 'service' && trust.service === 'ec2');
  const profileArns = profiles.map(({ name }) => iamArn(home, 'instance-profile', name)).sort();
  return [
    ...(unbounded.length > 0 ? [allow('CreateRoles', ['iam:CreateRole'], arns(unbounded))] : []),
    // Nothing here takes a boundary away again.
    ...boundaries.map((boundary, index) =>
      allow(
        `CreateRolesWithin${index + 1}`,
        ['iam:CreateRole', 'iam:PutRolePermissionsBoundary'],
        arns(roles.filter((role) => role.permissionsBoundaryArn === boundary)),
        { ArnEquals: { 'iam:PermissionsBoundary': literal(boundary) } },
      ),
    ),
    allow(
      'Roles',
      [
        'iam:GetRole',
        'iam:ListRolePolicies',
        'iam:ListInstanceProfilesForRole',
        'iam:UpdateRole',
        'iam:UpdateRoleDescription',
        'iam:UpdateAssumeRolePolicy',
        'iam:DeleteRole',
      ],
      arns(roles),
    ),
    ...(taggedRoles.length > 0
      ? [allow('TagRoles', ['iam:TagRole', 'iam:UntagRole'], arns(taggedRoles))]
      : []),
    ...(profiles.length > 0
      ? [
          allow(
            'InstanceProfiles',
            [
              'iam:CreateInstanceProfile',
              'iam:GetInstanceProfile',
              'iam:AddRoleToInstanceProfile',
              'iam:RemoveRoleFromInstanceProfile',
              'iam:DeleteInstanceProfile',
              ...(tagged ? ['iam:TagInstanceProfile', 'iam:UntagInstanceProfile'] : []),
            ],
            profileArns,
          ),
          // https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddRoleToInstanceProfile.html
          allow('PassRoles', ['iam:PassRole'], arns(profiles), {
            StringEquals: { 'iam:PassedToService': ['ec2.amazonaws.com', 'ec2.amazonaws.com.cn'] },
          }),
        ]
      : []),
  ];
}

function roleArn(home: Place, { path = '/', name }: NewRolePrincipal): string {
  return iamArn(home, 'role', literal(path.slice(1)) + name);
}

/** IAM decides on the ARN with the path, which only an environment that names the ARN tells. */
function identityArn(home: Place, { kind, name, written }: ConnectIdentity): string {
  return written === name ? iamArn(home, kind, name) : literal(written);
}
