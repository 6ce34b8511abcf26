import { bySeen } from './by-seen';

/** The message of the client proves it. */
export const certificateName = bySeen({
  id: 'certificate-name',
  step: 'tls',
  kind: 'certificate-name',
  suspicion: 'the client dials a name that the certificate does not carry',
  message: 'shows a certificate for another name',
  wayOut:
    'dial the endpoint by name and the tunnel by address: --host <endpoint> --through localhost:15432; with libpq host=<endpoint> hostaddr=127.0.0.1 port=15432',
});
