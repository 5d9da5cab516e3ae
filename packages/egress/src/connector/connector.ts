import type { LookupFunction } from 'node:net';
import { TLSSocket } from 'node:tls';
import { SatwayError } from '@satway/base';
import { buildConnector } from 'undici';
import { type AddressPolicy, literalAddress, type Reach } from '../address-policy/index.js';
import { type CertificatePin, judgeOf, shownFingerprint } from './certificate-pin.js';
import { guardedLookup } from './guarded-lookup.js';

/** How a connection is made. */
export interface ConnectorOptions extends CertificatePin {
  readonly connectTimeoutMs: number;
  readonly policy: AddressPolicy;
  readonly reach: Reach;
}

type Connect = buildConnector.connector;
type Target = Parameters<Connect>[0];
type Callback = Parameters<Connect>[1];

/**
 * Makes the function through which every outgoing connection of the product is opened: the one place of the address policy.
 *
 * Where addresses are guarded, a literal one is judged before (it never comes to a look-up), every resolved one is judged in the look-up and nothing but
 * these is connected to, and the address at the other end is judged once more. Name, certificate and `Host` stay those of the URL.
 *
 * @throws {SatwayError} `EGRESS_TLS_MISMATCH` for a pin that cannot be read.
 */
export function createConnector(options: ConnectorOptions): Connect {
  const { policy, reach } = options;
  const open = pinnedOrTrusted(options, {});
  const guarded = withJudgedAddress(policy, pinnedOrTrusted(options, { lookup: guardedLookup(policy) }));
  return function connect(target: Target, callback: Callback) {
    const port = target.port === '' ? (target.protocol === 'https:' ? '443' : '80') : target.port;
    const isGuarded = policy.guards(target.hostname, port, reach);
    (isGuarded ? guarded : open)(target, callback);
  };
}

interface SocketOptions {
  readonly lookup?: LookupFunction;
}

function pinnedOrTrusted(options: ConnectorOptions, socketOptions: SocketOptions): Connect {
  const { connectTimeoutMs, certificatePem } = options;
  const isPinned = judgeOf(options);
  if (isPinned === null) return buildConnector({ timeout: connectTimeoutMs, ...socketOptions });
  return createPinnedConnector(isPinned, certificatePem, connectTimeoutMs, socketOptions);
}

function withJudgedAddress(policy: AddressPolicy, connect: Connect): Connect {
  return function connectJudged(target, callback) {
    try {
      const literal = literalAddress(target.hostname);
      if (literal !== null) policy.assertPublic(target.hostname, literal);
    } catch (refusal) {
      return callback(refusal as SatwayError, null);
    }
    return connect(target, (error, socket) => {
      if (error !== null) return callback(error, null);
      try {
        policy.assertPublic(target.hostname, socket.remoteAddress ?? '');
      } catch (refusal) {
        socket.destroy();
        return callback(refusal as SatwayError, null);
      }
      return callback(null, socket);
    });
  };
}

/** Verification is left to the pin, since a self-signed certificate passes no other; sessions are not resumed, so that each handshake shows it. */
function createPinnedConnector(
  isPinned: (socket: TLSSocket) => boolean,
  certificatePem: string | undefined,
  timeout: number,
  socketOptions: SocketOptions,
): Connect {
  const authorities = certificatePem === undefined ? {} : { ca: certificatePem };
  const connect = buildConnector({
    timeout,
    ...authorities,
    ...socketOptions,
    rejectUnauthorized: false,
    maxCachedSessions: 0,
  });
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
