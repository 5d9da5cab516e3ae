import { TLSSocket } from 'node:tls';
import { SatwayError } from '@satway/base';
import { buildConnector } from 'undici';
import { type CertificatePin, judgeOf, shownFingerprint } from './certificate-pin.js';

/** How a connection is made. */
export interface ConnectorOptions extends CertificatePin {
  readonly connectTimeoutMs: number;
}

/**
 * Makes the function through which every outgoing connection of the product is opened: the one place for an address policy.
 *
 * @throws {SatwayError} `EGRESS_TLS_MISMATCH` for a pin that cannot be read.
 */
export function createConnector(options: ConnectorOptions): buildConnector.connector {
  const { connectTimeoutMs, certificatePem } = options;
  const isPinned = judgeOf(options);
  if (isPinned === null) return buildConnector({ timeout: connectTimeoutMs });
  return createPinnedConnector(isPinned, certificatePem, connectTimeoutMs);
}

/** Verification is left to the pin, since a self-signed certificate passes no other; sessions are not resumed, so that each handshake shows it. */
function createPinnedConnector(
  isPinned: (socket: TLSSocket) => boolean,
  certificatePem: string | undefined,
  timeout: number,
): buildConnector.connector {
  const authorities = certificatePem === undefined ? {} : { ca: certificatePem };
  const connect = buildConnector({ timeout, ...authorities, rejectUnauthorized: false, maxCachedSessions: 0 });
  return function connectPinned(target, callback) {
    connect(target, (error, socket) => {
      if (error !== null) return callback(error, null);
      if (socket instanceof TLSSocket && isPinned(socket)) return callback(null, socket);
      const refusal = mismatch(socket);
      socket.destroy();
      return callback(refusal, null);
    });
  };
}

/** Says what was shown: a fingerprint is no secret, and a person compares it with the one on the other machine. */
function mismatch(socket: unknown): SatwayError {
  if (!(socket instanceof TLSSocket)) return new SatwayError('EGRESS_TLS_MISMATCH', { detail: 'It speaks no TLS.' });
  return new SatwayError('EGRESS_TLS_MISMATCH', {
    detail: `It shows the one with SHA-256 ${shownFingerprint(socket)}.`,
  });
}
