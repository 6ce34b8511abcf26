/** The package's public face. */

export * from './access/model';
export { databaseScripts, psqlScript } from './access/sql';
export { type DeploymentOptions, deploymentPermissions } from './connect/deploying-role';
export { connectDocuments, type PolicyTargets } from './connect/documents';
export { trustDocument } from './connect/trust-document';
export * from './environment/access';
export * from './environment/cluster';
export * from './environment/environment';
export * from './environment/environment-error';
export * from './environment/principals';
export * from './environment/targets';
export { type Finding, lintPolicy } from './iam/lint';
export { dbuserArn } from './names/arn';
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
export * from './stacks/stacks';
export { validateEnvironments } from './validation/validate';
