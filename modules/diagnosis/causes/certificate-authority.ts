import { isExpress } from '../words';
import { bySeen } from './by-seen';

/** The message of the client proves it. */
export const certificateAuthority = bySeen({
  id: 'certificate-authority',
  step: 'tls',
  kind: 'certificate-authority',
  suspicion: 'the client does not trust the authorities of RDS',
  message: 'shows a certificate that the authorities of RDS have not signed',
  // docs/express.md, what is not known
  wayOut: (facts) =>
    isExpress(facts)
      ? 'AWS does not say which authority signs the certificate of the internet access gateway of an express cluster. Get it from AWS, save it in a file, and name the file with --ca, in certificateAuthorityFile of the environment, and in the client (sslrootcert). Do not switch the check off'
      : 'give the client the authorities of RDS (sslrootcert=global-bundle.pem from https://truststore.pki.rds.amazonaws.com); if this tool says so, what answers is not RDS, or --ca is missing',
});
