/** Outputs of the stacks, as tools and tests read them. */
export const OUTPUTS = {
  policyArns: 'policy_arns',
  policyDocuments: 'policy_documents',
  roleArns: 'role_arns',
  connectCommands: 'connect_commands',
  endpoint: 'endpoint',
  readerEndpoint: 'reader_endpoint',
  port: 'port',
  clusterArn: 'cluster_arn',
  clusterResourceId: 'cluster_resource_id',
  instanceArn: 'instance_arn',
  instanceResourceId: 'instance_resource_id',
} as const;

/** What stands behind the name of what is divided, where a dot cannot: nothing, then `2`, `3`. @param index from 0 */
export function ordinal(index: number): string {
  return index === 0 ? '' : String(index + 1);
}

/** What is divided over several policies or documents: `api`, then `api.2`, `api.3`. A key has no dot.
 *  @param index from 0 */
export function numbered(key: string, index: number): string {
  return index === 0 ? key : `${key}.${ordinal(index)}`;
}

/** What `numbered` was made from. */
export function numberedParts(name: string): { readonly key: string; readonly index: number } {
  const [key = '', number = '1'] = name.split('.');
  return { key, index: Number(number) - 1 };
}
