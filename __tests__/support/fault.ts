import { ModifyDBClusterCommand } from '@aws-sdk/client-rds';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import type { AwsAnswer } from '../../local/aws/aws-protocol';
import type { RuleId } from '../../modules/findings/catalogue';
import type { Decision } from './aws-edge';
import { type Question, REGION, type Stage, USER } from './fault-stage';

/** One cause of a refused login, and how it is built. */
export interface Fault {
  /** In the list of causes that the bench goes through; several may have one number. */
  readonly number: number;
  readonly what: string;
  readonly id: RuleId;
  /** Nobody can build it on Local Aurora: AWS's answers are written from its API reference. */
  readonly atTheEdge?: true;
  build(stage: Stage): Promise<Built>;
}

export interface Built extends Question {
  undo?(): Promise<void>;
}

export const allow = (...Resource: string[]) => ({ Effect: 'Allow', Action: 'rds-db:connect', Resource });
export const deny = (...Resource: string[]) => ({ Effect: 'Deny', Action: 'rds-db:connect', Resource });
export const PAM = `FATAL:  PAM authentication failed for user "${USER}"`;

/** Roles are made once: each fault that needs one has its own. */
const made = new WeakMap<Stage, Map<string, Promise<AwsCredentialIdentity>>>();

export function role(stage: Stage, name: string, ...statements: object[]): Promise<AwsCredentialIdentity> {
  const known = made.get(stage) ?? new Map<string, Promise<AwsCredentialIdentity>>();
  made.set(stage, known);
  const own = known.get(name) ?? stage.role(name, statements);
  known.set(name, own);
  return own;
}

/** Changes something inside of PostgreSQL for the length of one question. */
export async function inside(
  stage: Stage,
  statement: string,
  undo: string,
  question: Question = {},
): Promise<Built> {
  await stage.sql(statement);
  return { ...question, undo: () => stage.sql(undo) };
}

/** A user of its own, made once. */
const users = new WeakMap<Stage, Set<string>>();

export async function user(stage: Stage, name: string, ...statements: string[]): Promise<Built> {
  const known = users.get(stage) ?? new Set<string>();
  users.set(stage, known);
  if (!known.has(name)) {
    known.add(name);
    for (const statement of [`CREATE ROLE "${name}" LOGIN`, ...statements]) await stage.sql(statement);
  }
  const credentials = await role(stage, 'everybody', allow(stage.dbuser('*')));
  return { options: { user: name }, credentials };
}

export async function switchedOff(stage: Stage): Promise<Built> {
  const set = (on: boolean) =>
    stage.rds.send(
      new ModifyDBClusterCommand({
        DBClusterIdentifier: 'orders',
        EnableIAMDatabaseAuthentication: on,
        ApplyImmediately: true,
      }),
    );
  await set(false);
  return { undo: async () => void (await set(true)) };
}

export function awsError(status: number, code: string, message: string): AwsAnswer {
  const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
  return {
    status,
    rawHeaders: ['Content-Type', 'text/xml', 'Date', new Date().toUTCString()],
    body: Buffer.from(body),
  };
}

/**
 * One line in one of the two logs, and nothing in the other one.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
 */
export function logging(log: string, message: string): Decision {
  return ({ action, body }) => {
    if (action !== 'FilterLogEvents') return undefined;
    const events = body.includes(`/${log}"`) ? [{ timestamp: Date.now(), message }] : [];
    return {
      status: 200,
      rawHeaders: ['Content-Type', 'application/x-amz-json-1.1'],
      body: Buffer.from(JSON.stringify({ events })),
    };
  };
}

export function xml(action: string, content: string): AwsAnswer {
  const body = `<${action}Response><${action}Result>${content}</${action}Result></${action}Response>`;
  return { status: 200, rawHeaders: ['Content-Type', 'text/xml'], body: Buffer.from(body) };
}

export function replaced(answer: AwsAnswer, from: string, to: string): AwsAnswer {
  return { ...answer, body: Buffer.from(answer.body.toString().replace(from, to)) };
}

/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBProxy.html */
export const PROXY_WITH_SECRETS = `<DBProxies><member><DBProxyName>pooled</DBProxyName><DBProxyArn>arn:aws:rds:${REGION}:123456789012:db-proxy:prx-0123456789abcdef0</DBProxyArn><Status>available</Status><EngineFamily>POSTGRESQL</EngineFamily><Endpoint>pooled.proxy-abcdef.${REGION}.rds.amazonaws.com</Endpoint><Auth><member><AuthScheme>SECRETS</AuthScheme><IAMAuth>REQUIRED</IAMAuth></member></Auth></member></DBProxies>`;

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html */
export const SIMULATED_BY_ORGANIZATION =
  '<EvaluationResults><member><EvalActionName>rds-db:connect</EvalActionName><EvalDecision>implicitDeny</EvalDecision><OrganizationsDecisionDetail><AllowedByOrganizations>false</AllowedByOrganizations></OrganizationsDecisionDetail></member></EvaluationResults><IsTruncated>false</IsTruncated>';
