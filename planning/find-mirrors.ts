import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Product } from './terraform-binary';

/** The public registries' hosts, which the folders of mirrors are called after. */
export const REGISTRY = {
  Terraform: 'registry.terraform.io',
  OpenTofu: 'registry.opentofu.org',
} as const satisfies Record<Product, string>;

/** Under either name the same providers are published. */
const REGISTRIES = Object.values(REGISTRY);

/** A folder laid out as `<host>/<namespace>/<name>/<version>/…`. */
export interface Mirror {
  readonly path: string;
  /** Such as `registry.terraform.io/hashicorp/aws`. */
  readonly providers: readonly string[];
}

/** https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories
 *  OpenTofu has the same, and one of its own: https://opentofu.org/docs/cli/config/config-file/#implied-local-mirror-directories */
export function impliedMirrors(product: Product, home: string): Mirror[] {
  const shared = (process.env.XDG_DATA_DIRS || '/usr/local/share:/usr/share').split(':');
  const own = product === 'OpenTofu' && process.env.XDG_DATA_HOME;
  return [
    join(home, '.terraform.d', 'plugins'),
    ...(own ? [join(own, 'opentofu', 'plugins')] : []),
    join(home, 'Library', 'Application Support', 'io.terraform', 'plugins'),
    join(process.env.XDG_DATA_HOME || join(home, '.local', 'share'), 'terraform', 'plugins'),
    ...shared.map((folder) => join(folder, 'terraform', 'plugins')),
  ]
    .map(mirrorAt)
    .filter(hasProviders);
}

/** Mirrors that no rule of Terraform names. The machine does not change under a program: it looks once. */
export function unnamedMirrors(): readonly Mirror[] {
  found ??= searchMirrors('/');
  return found;
}

let found: readonly Mirror[] | undefined;

/**
 * The versions of a provider that a mirror has, unpacked or packed, in order.
 * https://developer.hashicorp.com/terraform/cli/config/config-file#filesystem_mirror
 * @param provider such as `hashicorp/aws`, under whichever registry
 */
export function versionsIn(mirrors: readonly Mirror[], provider: string): string[] {
  const names = mirrors.flatMap(({ path, providers }) =>
    providers.filter((each) => each.endsWith(`/${provider}`)).flatMap((each) => entriesOf(join(path, each))),
  );
  const versions = names.flatMap((name) => {
    const [, version] =
      /^(?:terraform-provider-[^_]+_)?(\d+\.\d+\.\d+[\w.+-]*?)(?:_.*\.zip)?$/.exec(name) ?? [];
    return version ?? [];
  });
  return [...new Set(versions)].sort((one, other) => one.localeCompare(other, 'en', { numeric: true }));
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // a link that leads nowhere, or not ours to read
  }
}

/** Where administrators put what a machine shares. A mirror is one of their folders, or one in those. */
const SHARED_FOLDERS = ['opt', 'srv', 'usr/lib', 'usr/local', 'usr/local/lib', 'usr/share', 'var/lib'];

/** Folders of the kernel's, and of whoever comes. */
const SKIPPED_AT_ROOT = ['proc', 'sys', 'dev', 'run', 'tmp', 'lost+found'];
const LEVELS = 3;

/** What a search of the disk may cost. */
export interface SearchLimits {
  /** Folders looked at. */
  readonly folders: number;
  readonly milliseconds: number;
}

const LIMITS: SearchLimits = { folders: 50_000, milliseconds: 2_000 };

/**
 * Mirrors in the usual places; only where there is none, in all folders up to three levels below the root.
 * Providers are programs that run with the credentials of whoever plans. So a folder counts only if it belongs to root
 * or to this user, and if not everybody may write there.
 */
export function searchMirrors(root: string, limits: SearchLimits = LIMITS): Mirror[] {
  const usual = SHARED_FOLDERS.map((folder) => join(root, folder)).flatMap((folder) => [
    folder,
    ...foldersIn(folder).map(({ name }) => join(folder, name)),
  ]);
  const there = mirrorsAmong(usual);
  return there.length > 0 ? there : mirrorsAmong(foldersBelow(root, limits));
}

/** Level by level, so that what stands further up is found before the limits are reached. */
function* foldersBelow(root: string, limits: SearchLimits): Generator<string> {
  const end = Date.now() + limits.milliseconds;
  let looked = 0;
  let level: readonly string[] = [root];
  for (let depth = 1; depth <= LEVELS; depth++) {
    const below: string[] = [];
    for (const parent of level)
      for (const { name, isLink } of foldersIn(parent)) {
        if (depth === 1 && SKIPPED_AT_ROOT.includes(name)) continue;
        looked += 1;
        if (looked > limits.folders || Date.now() > end) return;
        const folder = join(parent, name);
        if (!isTrusted(folder)) continue;
        yield folder;
        // A link may lead up again.
        if (!isLink) below.push(folder);
      }
    level = below;
  }
}

function mirrorsAmong(folders: Iterable<string>): Mirror[] {
  const mirrors: Mirror[] = [];
  for (const folder of folders)
    if (REGISTRIES.some((host) => existsSync(join(folder, host))) && isTrusted(folder))
      mirrors.push(mirrorAt(folder));
  return mirrors.filter(hasProviders);
}

function isTrusted(folder: string): boolean {
  try {
    const { uid, mode } = statSync(folder);
    // Windows has neither.
    const self = process.getuid?.();
    return self === undefined || ((uid === 0 || uid === self) && (mode & 0o002) === 0);
  } catch {
    return false; // gone, or not ours to look at
  }
}

function mirrorAt(path: string): Mirror {
  const providers = REGISTRIES.flatMap((host) =>
    foldersIn(join(path, host)).flatMap((namespace) =>
      foldersIn(join(path, host, namespace.name)).map(({ name }) => `${host}/${namespace.name}/${name}`),
    ),
  );
  return { path, providers };
}

function hasProviders({ providers }: Mirror): boolean {
  return providers.length > 0;
}

function foldersIn(path: string): { readonly name: string; readonly isLink: boolean }[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map((entry) => ({ name: entry.name, isLink: entry.isSymbolicLink() }));
  } catch {
    return []; // not there, not a folder, or not ours to read
  }
}
