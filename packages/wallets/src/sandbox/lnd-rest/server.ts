import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { SatwayError } from '@satway/base';
import type { SandboxNetwork } from '../sandbox-network.js';
import { createSelfSignedCertificate, type SelfSignedCertificate } from './certificate/index.js';
import { answerControl, CONTROL_PATH } from './control.js';
import { answerAsLnd } from './lnd-front.js';
import { MacaroonDesk, type MacaroonKind } from './macaroon/index.js';

/** LND closes no idle connection after five seconds, as Node would: a payment that was just written into one that closes is unknown for good. */
const IDLE_MS = 120_000;

/** How the REST front listens. It stays on loopback: the control surface asks for no credential. */
export interface SandboxLndServerOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** `true` serves https with a certificate made for this run; a key and certificate that were kept serve again. */
  readonly tls?: boolean | SelfSignedCertificate;
}

/** A running REST front for all nodes of one network; the macaroon says which. */
export interface SandboxLndServer {
  /** `http://127.0.0.1:PORT` or `https://…`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** The certificate to pin, with its key to serve it again; `null` over plain http. */
  readonly certificate: SelfSignedCertificate | null;
  /** Hex of a macaroon for a node; the same over restarts of a network whose state is kept. @throws {SatwayError} `SANDBOX_NODE_UNKNOWN`. */
  macaroonHex(node: string, kind: MacaroonKind): string;
  /** Cuts what is open, and frees the port. The network stays. */
  close(): Promise<void>;
}

/**
 * Serves a sandbox network as LND's REST interface, and its control surface below `/sandbox/v1/`.
 *
 * @throws {SatwayError} `SANDBOX_PORT_UNUSABLE`. Funds moved: no.
 */
export async function startSandboxLndServer(
  network: SandboxNetwork,
  options: SandboxLndServerOptions = {},
): Promise<SandboxLndServer> {
  const { lightning } = network;
  const desk = new MacaroonDesk(lightning);
  const certificate = certificateFor(options.tls ?? false);
  const server = openServer(certificate, (request, response) => {
    const isControl = (request.url ?? '').startsWith(CONTROL_PATH);
    const answered = isControl
      ? answerControl(lightning, request, response)
      : answerAsLnd({ lightning, desk }, request, response);
    answered.catch(() => breakOff(request, response));
  });
  const port = await listen(server, options.port ?? 0);
  return {
    url: `${certificate === null ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    certificate,
    macaroonHex: (node, kind) => desk.bake(node, kind),
    close: () => close(server),
  };
}

function certificateFor(tls: boolean | SelfSignedCertificate): SelfSignedCertificate | null {
  if (typeof tls === 'object') return tls;
  return tls ? createSelfSignedCertificate(Date.now()) : null;
}

function openServer(certificate: SelfSignedCertificate | null, listener: RequestListener): Server {
  const tls = certificate === null ? null : { cert: certificate.certificatePem, key: certificate.privateKeyPem };
  return tls === null
    ? createServer({ keepAliveTimeout: IDLE_MS }, listener)
    : createTlsServer({ ...tls, keepAliveTimeout: IDLE_MS }, listener);
}

/** An answer that failed half-way is a broken connection, never a well-formed lie. */
function breakOff(_request: IncomingMessage, response: ServerResponse): void {
  response.destroy();
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(new SatwayError('SANDBOX_PORT_UNUSABLE', { cause })));
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
