/** Outputs of the stacks, as tools and tests read them. */
export const OUTPUTS = {
  policyArns: 'policy_arns',
  policyDocuments: 'policy_documents',
  roleArns: 'role_arns',
  connectCommands: 'connect_commands',
} as const;

/** What is divided over several policies or documents: `api`, then `api.2`, `api.3`. A key has no dot.
 *  @param index from 0 */
export function numbered(key: string, index: number): string {
  return index === 0 ? key : `${key}.${index + 1}`;
}
