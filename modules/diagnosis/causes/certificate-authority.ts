import { bySeen } from './by-seen';

/** The message of the client proves it. */
export const certificateAuthority = bySeen({
  id: 'certificate-authority',
  step: 'tls',
  kind: 'certificate-authority',
  suspicion: 'the client does not trust the authorities of RDS',
  message: 'shows a certificate that the authorities of RDS have not signed',
  wayOut:
    'give the client the authorities of RDS (sslrootcert=global-bundle.pem from https://truststore.pki.rds.amazonaws.com); if this tool says so, what answers is not RDS, or --ca is missing',
});
