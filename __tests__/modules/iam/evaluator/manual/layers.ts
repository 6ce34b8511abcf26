import { APP, allow, type Case, CLUSTER, deny, layers, policy, SESSION } from './case';

const identity = [policy(allow())];
const all = allow({ Action: '*', Resource: '*' });
const session = { context: SESSION };
const old = { DateLessThan: { 'aws:TokenIssueTime': '2026-03-01T11:45:00Z' } };

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html, access_policies_boundaries.html */
export const policySets: readonly Case[] = [
  layers('no policy', 'deny', { identity: [] }),
  layers('two policies, the second allows', 'allow', {
    identity: [policy(allow({ Action: 's3:*' })), ...identity],
  }),
  layers('two policies, the second denies', 'deny', {
    identity: [...identity, policy(deny({ Resource: '*' }))],
  }),
  layers('two policies, the second is malformed', 'invalid', {
    identity: [...identity, { name: 'x', document: '{' }],
  }),
  layers('a boundary that allows', 'allow', { identity, boundary: policy(all) }),
  layers('a boundary that allows just this', 'allow', { identity, boundary: policy(allow()) }),
  layers('a boundary of another service', 'deny', {
    identity,
    boundary: policy(allow({ Action: 's3:*', Resource: '*' })),
  }),
  layers('a boundary of another login', 'deny', {
    identity,
    boundary: policy(allow({ Resource: `${CLUSTER}/other` })),
  }),
  layers('a boundary that only denies something else', 'deny', {
    identity,
    boundary: policy(deny({ Action: 's3:*', Resource: '*' })),
  }),
  layers('a boundary that denies', 'deny', { identity, boundary: policy([all, deny()]) }),
  layers('a boundary alone', 'deny', { identity: [], boundary: policy(all) }),
  layers('a boundary with a short ARN', 'allow', {
    identity,
    boundary: policy(allow({ Resource: 'arn:aws:rds-db' })),
  }),
  layers('a boundary that denies by a short ARN', 'deny', {
    identity,
    boundary: policy([all, deny({ Resource: 'arn:aws:rds-db:eu-west-1' })]),
  }),
  layers('a boundary by NotAction', 'allow', {
    identity,
    boundary: policy(allow({ NotAction: 'iam:*', Resource: '*' })),
  }),
  layers('a boundary with a condition that holds', 'allow', {
    identity,
    boundary: policy(allow({ Condition: { StringEquals: { 'aws:username': 'alice' } } })),
  }),
  layers('a boundary with a condition that does not', 'deny', {
    identity,
    boundary: policy(allow({ Condition: { StringEquals: { 'aws:username': 'bob' } } })),
  }),
  layers('a boundary with a condition that nobody knows', 'open', {
    identity,
    boundary: policy(allow({ Condition: { StringEquals: { 'acme:x': 'y' } } })),
  }),
  layers('a malformed boundary', 'invalid', { identity, boundary: { name: 'b', document: '{}' } }),
  layers('a session policy that allows', 'allow', { identity, session: [policy(all)] }, session),
  layers(
    'a session policy of another login',
    'deny',
    { identity, session: [policy(allow({ Resource: `${CLUSTER}/other` }))] },
    session,
  ),
  layers('a session policy that denies', 'deny', { identity, session: [policy([all, deny()])] }, session),
  layers('a session policy alone', 'deny', { identity: [], session: [policy(all)] }, session),
  layers(
    'two session policies, one allows',
    'allow',
    { identity, session: [policy(allow({ Action: 's3:*' })), policy(all)] },
    session,
  ),
  layers(
    'two session policies, one denies',
    'deny',
    { identity, session: [policy(all), policy(deny())] },
    session,
  ),
  layers(
    'a session policy with a short ARN',
    'invalid',
    { identity, session: [policy(allow({ Resource: 'arn:aws:rds-db' }))] },
    session,
  ),
  layers(
    'a session policy with a short ARN among others',
    'invalid',
    { identity, session: [policy([all, allow({ Action: 's3:*', Resource: 'arn:aws:s3' })])] },
    session,
  ),
  layers(
    'a session policy with a short ARN in NotResource',
    'invalid',
    { identity, session: [policy([all, deny({ NotResource: 'arn:aws:rds-db' })])] },
    session,
  ),
  layers(
    'a session policy with a Principal',
    'invalid',
    { identity, session: [policy(allow({ Principal: '*' }))] },
    session,
  ),
  layers(
    'a malformed session policy beside a good one',
    'invalid',
    { identity, session: [policy(all), { name: 's', document: 'x' }] },
    session,
  ),
  layers(
    'boundary and session allow',
    'allow',
    { identity, boundary: policy(all), session: [policy(allow())] },
    session,
  ),
  layers(
    'boundary allows, session does not',
    'deny',
    { identity, boundary: policy(all), session: [policy(allow({ Action: 's3:*' }))] },
    session,
  ),
  layers(
    'session allows, boundary does not',
    'deny',
    { identity, boundary: policy(allow({ Action: 's3:*' })), session: [policy(all)] },
    session,
  ),
  layers(
    'all three, and a Deny of the identity',
    'deny',
    { identity: [...identity, policy(deny())], boundary: policy(all), session: [policy(all)] },
    session,
  ),
  layers(
    'wide identity, narrow session',
    'allow',
    { identity: [policy(all)], session: [policy(allow({ Resource: APP }))] },
    session,
  ),
  layers(
    'a revoked session',
    'deny',
    {
      identity: [
        ...identity,
        policy(deny({ Action: ['*'], Resource: ['*'], Condition: old }), 'AWSRevokeOlderSessions'),
      ],
    },
    session,
  ),
  layers(
    'a Deny by a key that nobody knows in a session policy',
    'open',
    { identity, session: [policy([all, deny({ Condition: { StringEquals: { 'acme:x': 'y' } } })])] },
    session,
  ),
];
