import { NO_SECRET } from '../modules/plan/secrets';
import { type Blocks, blocksOf } from './offline-references';
import type { Block, SynthesizedStack } from './stand-ins';

/** With keys that nobody has handed out, and without anything that asks who they belong to. */
export function offlineProviders(stack: SynthesizedStack): Record<string, readonly Block[]> {
  const providers: Record<string, readonly Block[]> = {};
  for (const [name, blocks] of Object.entries(stack.provider ?? {}))
    providers[name] = ([blocks].flat() as Block[]).map((block) => {
      const { alias, region, default_tags: defaultTags, ...others } = block;
      const given = alias === undefined ? {} : { alias };
      if (name === 'aws')
        return {
          ...given,
          region: region ?? 'eu-west-1',
          ...(defaultTags === undefined ? {} : { default_tags: defaultTags }),
          access_key: NO_SECRET,
          secret_key: NO_SECRET,
          skip_credentials_validation: true,
          skip_metadata_api_check: 'true',
          skip_requesting_account_id: true,
          max_retries: 1,
        };
      // Should anything connect all the same, there is nobody at this port.
      if (name === 'postgresql')
        return {
          ...given,
          host: '127.0.0.1',
          port: 1,
          username: 'offline',
          password: NO_SECRET,
          superuser: false,
        };
      return { ...given, ...others, ...(region === undefined ? {} : { region }) };
    });
  return providers;
}

/** Only providers that something still needs: to start one that nobody asks is most of the time of a plan. */
export function offlineRequirements(
  terraform: Block,
  configuration: Block,
  versions: Readonly<Record<string, string>>,
): Record<string, Block> {
  const blocks = [
    ...Object.entries(blocksOf(configuration['resource'])),
    ...Object.entries(blocksOf(configuration['data'])),
  ];
  const named = new Set(
    blocks.flatMap(([type, ofType]) => [
      type.split('_')[0],
      ...Object.values(ofType).map((block) => String(block['provider'] ?? '').split('.')[0]),
    ]),
  );
  const modules = Object.keys(blocksOf(configuration['module'])).length > 0;
  const required = Object.entries((terraform['required_providers'] ?? {}) as Blocks) as unknown as [
    string,
    Block,
  ][];
  return Object.fromEntries(
    required
      .filter(([name]) => modules || named.has(name))
      .map(([name, given]) => [
        name,
        versions[name] === undefined ? given : { ...given, version: versions[name] },
      ]),
  );
}

export function onlyNamed(
  providers: Record<string, readonly Block[]>,
  required: Record<string, Block>,
): Record<string, readonly Block[]> {
  return Object.fromEntries(Object.entries(providers).filter(([name]) => Object.hasOwn(required, name)));
}
