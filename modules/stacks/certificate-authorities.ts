import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { TerraformStack } from 'cdktf';
// Not in cdktf's index, but what its own TerraformAsset writes files with.
import { addCustomSynthesis } from 'cdktf/lib/synthesize/synthesizer';
import type { Construct } from 'constructs';
import { rdsCertificateAuthorities } from '../connect/certificate-authorities';
import { EnvironmentError, type EnvironmentRule } from '../environment/environment-error';
import { fault } from '../findings/finding';

/** Stack -> the files beside it, by their contents. */
const filesOf = new WeakMap<TerraformStack, Map<string, string>>();

/**
 * Writes the authorities to trust beside the synthesized stack and returns the path that the provider takes:
 * relative to the folder Terraform runs in, so that no machine's path gets into a plan.
 * Called again in a stack, the same authorities are the same file, and others are another one.
 * @param source a PEM file, relative to the working directory. @default the authorities of RDS
 * @throws EnvironmentError if `source` cannot be read, or holds no certificate
 */
export function certificateAuthorityFile(scope: Construct, source?: string): string {
  const stack = TerraformStack.of(scope);
  const pem = source === undefined ? rdsCertificateAuthorities() : certificatesIn(source, scope);
  const files = filesOf.get(stack) ?? new Map<string, string>();
  if (files.size === 0) writeAtSynthesis(stack, files);
  filesOf.set(stack, files);
  const name =
    files.get(pem) ??
    (files.size === 0 ? 'certificate-authorities.pem' : `certificate-authorities-${files.size + 1}.pem`);
  files.set(pem, name);
  return name;
}

function writeAtSynthesis(stack: TerraformStack, files: ReadonlyMap<string, string>): void {
  addCustomSynthesis(stack, {
    onSynthesize: (session) => {
      const folder = join(session.outdir, session.manifest.forStack(stack).workingDirectory);
      mkdirSync(folder, { recursive: true });
      for (const [pem, name] of files) writeFileSync(join(folder, name), pem);
    },
  });
}

function certificatesIn(source: string, scope: Construct): string {
  const refuse = (reason: string): never => {
    const found = fault(
      'certificate-authorities' satisfies EnvironmentRule,
      'certificateAuthorityFile',
      `${resolve(source)} ${reason}`,
      'name a PEM file of the authorities to trust, or leave it out for those of RDS',
    );
    throw new EnvironmentError([{ ...found, environment: scope.node.path }], 'construct'); // node-do-not-add-exception-line
  };
  let pem: string;
  try {
    pem = readFileSync(source, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return refuse(code === 'ENOENT' ? 'is not there' : `cannot be read (${code})`);
  }
  return pem.includes('-----BEGIN CERTIFICATE-----') ? pem : refuse('holds no certificate');
}
