import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { impliedMirrors, type Mirror, REGISTRY, unnamedMirrors } from './find-mirrors';
import type { Product } from './terraform-binary';

/** Says of a mirror that lies on this machine, and that no rule of Terraform's names, that it is there.
 *  @param directory for what must be written: a CLI configuration, and links */
export function cliConfiguration(
  directory: string,
  product: Product,
  home = homedir(),
): { TF_CLI_CONFIG_FILE?: string } {
  const named = process.env.TF_CLI_CONFIG_FILE;
  const file = named || personalFile(product, home);
  const own = existsSync(file) ? readFileSync(file, 'utf8') : '';
  // Whoever says where providers come from has the last word.
  if (/^\s*provider_installation\b/m.test(own)) return {};
  const isAsked = (provider: string) => provider.startsWith(`${REGISTRY[product]}/`);
  const without = (mirrors: readonly Mirror[], known: readonly Mirror[]) =>
    mirrors
      .map(({ path, providers }) => ({
        path,
        providers: providers.filter(
          (provider) => isAsked(provider) && !known.some((mirror) => mirror.providers.includes(provider)),
        ),
      }))
      .filter(({ providers }) => providers.length > 0);
  const found = impliedMirrors(product, home);
  const implied = without(found, []);
  const unnamed = without(unnamedMirrors(), implied);
  const linked =
    product === 'OpenTofu'
      ? without([linkedMirror(directory, [...found, ...unnamedMirrors()])], [...implied, ...unnamed])
      : [];
  const mirrors = [...implied, ...unnamed, ...linked];
  // Terraform warns of a configuration that is named and not there; an empty one says the same and is.
  if (mirrors.length === implied.length && (!named || existsSync(file))) return {};
  const path = join(directory, `${product.toLowerCase()}.tfrc`);
  writeFileSync(path, `${own}\n${providerInstallation(mirrors)}`);
  return { TF_CLI_CONFIG_FILE: path };
}

/** https://developer.hashicorp.com/terraform/cli/config/config-file#locations
 *  https://opentofu.org/docs/cli/config/config-file/#locations */
function personalFile(product: Product, home: string): string {
  const ofTerraform = join(home, '.terraformrc');
  const ofOpenTofu = join(home, '.tofurc');
  const shared = process.env.XDG_CONFIG_HOME && join(process.env.XDG_CONFIG_HOME, 'opentofu', 'tofurc');
  if (product === 'Terraform') return ofTerraform;
  if (existsSync(ofOpenTofu)) return ofOpenTofu;
  return existsSync(ofTerraform) || !shared ? ofTerraform : shared;
}

/** Mirrors that were made for Terraform's registry, under the name of OpenTofu's: the packages are the same. */
function linkedMirror(directory: string, mirrors: readonly Mirror[]): Mirror {
  const sources = new Map<string, string>();
  for (const { path, providers } of mirrors)
    for (const provider of providers.filter((each) => each.startsWith(`${REGISTRY.Terraform}/`))) {
      const name = provider.replace(REGISTRY.Terraform, REGISTRY.OpenTofu);
      if (!sources.has(name)) sources.set(name, join(path, provider));
    }
  const packages = [...sources].flatMap(([name, source]) => packagesIn(source, name));
  const providers = [...sources.keys()];
  const key = createHash('sha256').update(JSON.stringify(packages)).digest('hex').slice(0, 16);
  const path = join(directory, `opentofu-mirror-${key}`);
  if (packages.length === 0 || existsSync(path))
    return { path, providers: packages.length === 0 ? [] : providers };
  // As a whole: another process may look at the same time.
  const made = mkdtempSync(join(directory, 'mirror-'));
  for (const { from, to } of packages) {
    mkdirSync(join(made, dirname(to)), { recursive: true });
    symlinkSync(from, join(made, to));
  }
  try {
    renameSync(made, path);
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    // Somebody else's is the same.
    if (!existsSync(path)) throw error;
  }
  return { path, providers };
}

/** `<version>/<platform>` folders, and packed files. A search for providers does not follow links to folders of versions. */
function packagesIn(source: string, name: string): { readonly from: string; readonly to: string }[] {
  return readdirSync(source).flatMap((entry) => {
    const version = join(source, entry);
    return statSync(version).isDirectory()
      ? readdirSync(version).map((platform) => ({
          from: join(version, platform),
          to: join(name, entry, platform),
        }))
      : [{ from: version, to: join(name, entry) }];
  });
}

/** https://developer.hashicorp.com/terraform/cli/config/config-file#provider-installation */
function providerInstallation(mirrors: readonly Mirror[]): string {
  const list = (providers: readonly string[]) => JSON.stringify(providers);
  const blocks = mirrors.map(
    ({ path, providers }) =>
      `  filesystem_mirror {\n    path    = ${JSON.stringify(path)}\n    include = ${list(providers)}\n  }`,
  );
  const exclude = [...new Set(mirrors.flatMap((mirror) => mirror.providers))];
  return `provider_installation {\n${blocks.join('\n')}\n  direct {\n    exclude = ${list(exclude)}\n  }\n}\n`;
}
