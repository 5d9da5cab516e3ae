import { TLSSocket } from 'node:tls';
import { SatwayError } from '@satway/base';
import { buildConnector } from 'undici';
import { fingerprintsOf, isPinned } from './certificate-pin.js';

/** How a connection is made. */
export interface ConnectorOptions {
  readonly connectTimeoutMs: number;
  /** PEM certificates, one of which the peer must show; without it the system's authorities decide. */
  readonly certificatePem?: string | undefined;
}

/**
 * Makes the function through which every outgoing connection of the product is opened: the one place for an address policy.
 */
export function createConnector(options: ConnectorOptions): buildConnector.connector {
  const { connectTimeoutMs, certificatePem } = options;
  if (certificatePem === undefined) return buildConnector({ timeout: connectTimeoutMs });
  return createPinnedConnector(certificatePem, connectTimeoutMs);
}

/** Verification is left to the pin, since a self-signed certificate passes no other; sessions are not resumed, so that each handshake shows it. */
function createPinnedConnector(certificatePem: string, timeout: number): buildConnector.connector {
  const fingerprints = fingerprintsOf(certificatePem);
  const connect = buildConnector({ timeout, ca: certificatePem, rejectUnauthorized: false, maxCachedSessions: 0 });
  return function connectPinned(target, callback) {
    connect(target, (error, socket) => {
      if (error !== null) return callback(error, null);
      if (socket instanceof TLSSocket && isPinned(socket, fingerprints)) return callback(null, socket);
      socket.destroy();
      return callback(new SatwayError('EGRESS_TLS_MISMATCH'), null);
    });
  };
}
