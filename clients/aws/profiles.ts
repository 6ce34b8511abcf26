import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The names of all profiles in the two files of the AWS CLI and SDKs; none where neither can be read.
 *  https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html */
export function profileNames(variables: NodeJS.ProcessEnv = process.env): string[] {
  const folder = join(variables['HOME'] || homedir(), '.aws');
  const config = sections(variables['AWS_CONFIG_FILE'] || join(folder, 'config')).flatMap((section) => {
    const [, name] = /^profile\s+(?:"([^"]+)"|'([^']+)'|(\S+))$/.exec(section)?.filter(Boolean) ?? [];
    return name ?? (section === 'default' ? section : []);
  });
  const keys = sections(variables['AWS_SHARED_CREDENTIALS_FILE'] || join(folder, 'credentials'));
  return [...new Set([...config, ...keys])];
}

function sections(file: string): string[] {
  try {
    return [...readFileSync(file, 'utf8').matchAll(/^\s*\[\s*([^\]]+?)\s*\]/gm)].map(([, name = '']) => name);
  } catch {
    return [];
  }
}
