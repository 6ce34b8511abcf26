import { createSecureContext, type SecureContext } from 'node:tls';
import { UserError } from '../clients/error';
import { oneLine, plural } from '../modules/names/text';
import { listenForControl } from '../proxy/control';
import { createDialer } from '../proxy/dialer';
import { addressText } from '../proxy/listen';
import { makeLocalPassword, readVerifier } from '../proxy/local-password';
import { lineLog } from '../proxy/log';
import { ownCertificate } from '../proxy/own-certificate';
import { startProxy } from '../proxy/proxy';
import { done, EXIT, type Outcome } from './outcome';
import { askForDrain, askForStatus, controlSocket } from './proxy/ask';
import { causes } from './proxy/causes';
import { givenFile } from './proxy/given-file';
import type { ProxyCommandOptions } from './proxy/options';
import { filesIn, parseListen } from './proxy/places';
import { servedNow } from './proxy/routes-for';
import { whenTold } from './proxy/when-told';

/**
 * Serves until it is told to end. SIGTERM and SIGINT drain, a second one ends at once; SIGHUP, or a new build, reads the
 * environments again.
 * @param say prints what a program may wait for
 * @param remark is called with what a person should know
 * @throws UserError
 */
export async function proxy(
  served: readonly string[],
  options: ProxyCommandOptions,
  say: (text: string) => void,
  remark: (line: string) => void,
): Promise<Outcome> {
  const files = filesIn(process.env);
  const verifierFile = options.verifier ?? files.verifier;
  if (options.status) return askForStatus(options, files.sockets);
  if (options.drain) return askForDrain(options, files.sockets);
  if (options.printPassword) {
    say(`${makeLocalPassword(verifierFile)}\n`);
    if (served.length === 0 && options.host === undefined) return done('');
  }
  const log = lineLog(remark, { json: options.json ?? false });
  let now = await servedNow(served, options, remark);
  const running = await startProxy({
    entrances: now.entrances,
    log,
    dialer: createDialer({ remark: (message) => log({ level: 'warn', event: 'credentials', message }) }),
    verifier: options.password === false ? undefined : readVerifier(verifierFile),
    secureContext: secureContextFor(options, files),
    causeOf: causes(() => now.environments),
  });
  const end = whenTold();
  const controlled = {
    status: running.status,
    drain: () => end.drain('asked by --drain'),
  };
  const [first] = running.addresses;
  const controls = [
    await listenForControl(
      { kind: 'socket', path: options.control ?? controlSocket(files.sockets, first) },
      controlled,
    ),
    ...(options.health === undefined
      ? []
      : [await listenForControl(parseListen(options.health, '--health'), controlled)]),
  ];
  const reload = async (why: string) => {
    try {
      now = await servedNow(served, options, remark);
      const routes = now.entrances.map((entrance) => entrance.routes);
      running.reload(routes);
      log({ level: 'info', event: 'reloaded', why, routes: routes.flat().length });
    } catch (error) {
      // What was served goes on being served.
      log({ level: 'error', event: 'not-reloaded', why, message: (error as Error).message });
    }
  };
  if (served.length > 0) end.onReload(reload);
  for (const address of running.addresses)
    log({ level: 'info', event: 'listening', at: addressText(address) });
  say(`${readyText(running.status().routes, running.addresses.map(addressText))}\n`);

  const why = await end.drained;
  log({ level: 'info', event: 'draining', why, connections: running.status().connections });
  const drained = await Promise.race([running.drain().then(() => true), end.ended.then(() => false)]);
  await running.close();
  for (const control of controls) control.close();
  end.stop();
  log({ level: 'info', event: 'ended', drained: drained ? 'yes' : 'no' });
  return { text: '', exit: EXIT.done };
}

/** One line that a script may wait for. */
function readyText(routes: readonly { readonly name: string }[], places: readonly string[]): string {
  return oneLine(
    `ready: ${plural(routes.length, 'route')} (${routes.map(({ name }) => name).join(', ')}) at ${places.join(', ')}`,
  );
}

/** @throws UserError */
function secureContextFor(
  { tls, tlsCert, tlsKey }: ProxyCommandOptions,
  files: { readonly certificate: string; readonly key: string },
): SecureContext | undefined {
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new UserError('Give --tls-cert and --tls-key together.');
  if (tls === false && tlsCert !== undefined)
    throw new UserError('Give either --no-tls, or --tls-cert and --tls-key: not both.');
  if (tls === false) return undefined;
  if (tlsCert === undefined || tlsKey === undefined)
    return createSecureContext(ownCertificate(files.certificate, files.key));
  const [cert, key] = [givenFile(tlsCert, '--tls-cert'), givenFile(tlsKey, '--tls-key')];
  try {
    return createSecureContext({ cert, key });
  } catch (error) {
    throw new UserError(
      `--tls-cert and --tls-key are no certificate and its key: ${(error as Error).message}`,
    );
  }
}
