import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdktf';
import { type Environment, environmentStacks } from '../../modules';

/** A synthesized stack as Terraform reads it. */
export interface SynthesizedStack {
  readonly data?: Blocks;
  readonly resource?: Blocks;
  readonly provider: Record<string, Record<string, unknown>[]>;
  readonly terraform: {
    backend: Record<string, Record<string, unknown>>;
    required_providers: Record<string, { version: string }>;
  };
  readonly output: Record<string, { value: unknown }>;
  readonly ephemeral?: Blocks;
  /** The whole as text. */
  readonly text: string;
  /** Other files beside it, by name. */
  readonly files: Record<string, string>;
}

type Blocks = Record<string, Record<string, Record<string, unknown>>>;

export interface SynthesizedApp {
  stacks: Record<string, SynthesizedStack>;
  dependencies: Record<string, string[]>;
  warnings: string[];
}

/** The stacks of environments, as `cdktf synth` writes them, by name, with dependencies. */
export function synthesize(...environments: Environment[]): SynthesizedApp {
  return synthesizeApp((app) => environmentStacks(app, environments), { skipValidation: true });
}

/** The stacks that `build` makes, in the same way. */
export function synthesizeApp(
  build: (app: App) => void,
  options: { skipValidation?: boolean } = {},
): SynthesizedApp {
  const outdir = mkdtempSync(join(tmpdir(), 'aurora-iam-test-'));
  try {
    const app = new App({ outdir, ...options });
    build(app);
    app.synth();
    const manifest = JSON.parse(readFileSync(join(outdir, 'manifest.json'), 'utf8')) as {
      stacks: Record<
        string,
        {
          workingDirectory: string;
          synthesizedStackPath: string;
          dependencies: string[];
          annotations: { message: string }[];
        }
      >;
    };
    const stacks: Record<string, SynthesizedStack> = {};
    for (const [name, stack] of Object.entries(manifest.stacks)) {
      const text = readFileSync(join(outdir, stack.synthesizedStackPath), 'utf8');
      const certificates = join(outdir, stack.workingDirectory, 'certificate-authorities.pem');
      const files: Record<string, string> = existsSync(certificates)
        ? { 'certificate-authorities.pem': readFileSync(certificates, 'utf8') }
        : {};
      stacks[name] = { ...(JSON.parse(text) as Omit<SynthesizedStack, 'text' | 'files'>), text, files };
    }
    const perStack = <T>(pick: (stack: (typeof manifest.stacks)[string]) => T) =>
      Object.fromEntries(Object.entries(manifest.stacks).map(([name, stack]) => [name, pick(stack)]));
    return {
      stacks,
      dependencies: perStack((stack) => stack.dependencies),
      warnings: Object.values(manifest.stacks).flatMap((stack) =>
        stack.annotations.map(({ message }) => message),
      ),
    };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** Resources of one type, without CDKTF's metadata. */
export function resources(
  stack: SynthesizedStack | undefined,
  type: string,
): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(stack?.resource?.[type] ?? {}).map(([id, { '//': _metadata, ...values }]) => [id, values]),
  );
}
