/** The package's public face, name by name: everything here is a promise. etc/ holds it as a report that a test compares. */
export { databaseScripts, psqlScript } from './access/sql';
export { type DeploymentOptions, deploymentPermissions } from './connect/deploying-role/deploying-role';
export { connectDocuments, type PolicyTargets } from './connect/documents';
export { trustDocument } from './connect/trust-document';
export {
  type Access,
  type AdoptedGroup,
  type CustomPrivileges,
  custom,
  defineAccess,
  type GroupDefinition,
  type GroupOptions,
  type LoginDefinition,
  owner,
  type PredefinedRole,
  type PredefinedRoleName,
  type Preset,
  predefined,
  readOnly,
  readWrite,
} from './environment/access';
export {
  type Cluster,
  type ClusterOverrides,
  type ClusterParameter,
  type CreatedCluster,
  createCluster,
  type ExistingCluster,
  type ExistingInstance,
  existingCluster,
  existingInstance,
  type ProvisionedInstances,
  provisioned,
  type ServerlessInstances,
  serverlessV2,
} from './environment/cluster';
export {
  type Admin,
  type AssumeRole,
  defineEnvironment,
  type Environment,
  type EnvironmentPassword,
  environmentPassword,
  type IamAdmin,
  iamAdmin,
  type OtherSecret,
  type ProviderVersions,
  type RdsManagedSecret,
  rdsManagedSecret,
  type S3Backend,
  s3Backend,
  secret,
  type Tunnel,
  tunnel,
} from './environment/environment';
export { EnvironmentError, type Fault } from './environment/environment-error';
export {
  type AccountTrust,
  type DocumentPrincipal,
  documentOnly,
  type EksTrust,
  eksServiceAccount,
  type GithubTrust,
  type GroupPrincipal,
  githubActions,
  iamGroup,
  iamRole,
  iamUser,
  type NewRolePrincipal,
  newRole,
  type OwnName,
  otherAccount,
  ownName,
  type Principal,
  type PrincipalOptions,
  type RolePrincipal,
  type ServiceTrust,
  service,
  type Trust,
  type UserPrincipal,
  type UserPrincipalOptions,
} from './environment/principals';
export {
  type MemberCluster,
  memberCluster,
  type RdsProxy,
  rdsProxy,
  type Target,
} from './environment/targets';
export type { Finding } from './findings/finding';
export { lintPolicy } from './iam/lint';
export type { PolicyDocument, PolicyStatement } from './iam/policy-document';
export { type DatabaseTarget, dbuserArn } from './names/arn';
export { secretPassword } from './stacks/admin-connection';
export { certificateAuthorityFile } from './stacks/certificate-authorities';
export { ConnectPolicies, type ConnectPoliciesProps } from './stacks/constructs/connect-policies';
export { DatabaseAccess, type DatabaseAccessProps } from './stacks/constructs/database-access';
export type {
  ClusterAttributes,
  DataInstanceAttributes,
  InstanceAttributes,
  OwnCluster,
} from './stacks/own-cluster';
export {
  ClusterStack,
  DatabaseStack,
  type EnvironmentStacks,
  environmentStacks,
  PoliciesStack,
} from './stacks/stacks';
export { validateEnvironments } from './validation/validate';
