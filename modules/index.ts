/** The package's public face. */
export type {
  ClusterAttributes,
  DataInstanceAttributes,
  InstanceAttributes,
  OwnCluster,
} from './cluster/own-cluster';
export { ConnectPolicies, type ConnectPoliciesProps } from './constructs/connect-policies';
export { DatabaseAccess, type DatabaseAccessProps } from './constructs/database-access';
export * from './database/access-model';
export { secretPassword } from './database/admin-connection';
export { certificateAuthorityFile } from './database/certificate-authorities';
export { databaseScripts, psqlScript } from './database/sql';
export * from './environment/access';
export * from './environment/cluster';
export * from './environment/environment';
export * from './environment/environment-error';
export * from './environment/principals';
export * from './environment/targets';
export { validateEnvironments } from './environment/validate';
export { dbuserArn } from './policies/arn';
export { type DeploymentOptions, deploymentPermissions } from './policies/deployment-permissions';
export { connectDocuments, type PolicyTargets } from './policies/document';
export { type Finding, lintPolicy } from './policies/lint';
export { trustDocument } from './policies/trust';
export * from './stacks';
