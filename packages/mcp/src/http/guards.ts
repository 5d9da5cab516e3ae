import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { AddressLimiter } from './address-limiter.js';
import { isLoopback } from './loopback.js';
import { isSameSecret } from './same-secret.js';

/** What a caller must be before anything of a request is read. */
export interface GuardOptions {
  readonly bindAddress: string;
  /** Further names, without port, under which this server may be called. */
  readonly allowedHosts: readonly string[];
  /** One origin whose pages may call, `*` for any; `null` for none. */
  readonly corsOrigin: string | null;
  readonly authToken: string;
  readonly limiter: AddressLimiter;
}

/** Why a request is turned away. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Cheapest first: too often → under a foreign name → from a foreign page. Forwarding headers are not looked at: who is behind a proxy that nobody configured is
 * the proxy.
 */
export function refuseCaller(options: GuardOptions, request: IncomingMessage): Refusal | null {
  const waitSeconds = options.limiter.waitSeconds(request.socket.remoteAddress);
  if (waitSeconds > 0) {
    return {
      status: 429,
      message: 'Too many requests from this address.',
      headers: { 'Retry-After': String(waitSeconds) },
    };
  }
  if (!isAllowedHost(options, request)) return { status: 403, message: 'This server is not called so.' };
  if (!isAllowedOrigin(options, request)) return { status: 403, message: 'Pages of this origin may not call here.' };
  return null;
}

/** A name that somebody's DNS points at this machine is none of ours; addresses cannot be pointed anywhere. */
function isAllowedHost({ bindAddress, allowedHosts }: GuardOptions, { headersDistinct }: IncomingMessage): boolean {
  const [header, ...more] = headersDistinct['host'] ?? [];
  const name =
    more.length > 0 ? undefined : /^(\[[\da-f:.]+\]|[^:[\]]+)(?::\d{1,5})?$/.exec(header?.toLowerCase() ?? '')?.[1];
  if (name === undefined) return false;
  if (['localhost', '127.0.0.1', '[::1]'].includes(name) || allowedHosts.includes(name)) return true;
  return !isLoopback(bindAddress) && isIP(name.replaceAll(/[[\]]/g, '')) !== 0;
}

/** Programs send no origin. A page's must be this very server's, or the one that was configured. */
function isAllowedOrigin({ corsOrigin }: GuardOptions, { headersDistinct }: IncomingMessage): boolean {
  const origins = headersDistinct['origin'] ?? [];
  if (origins.length === 0) return true;
  const [origin] = origins;
  if (origins.length > 1) return false;
  return (
    corsOrigin === '*' || origin === corsOrigin || origin === `http://${headersDistinct['host']?.[0]?.toLowerCase()}`
  );
}

/** Also on loopback: other users of this machine, and whatever runs in a browser, reach it as well. */
export function refuseStranger({ authToken }: GuardOptions, { headersDistinct }: IncomingMessage): Refusal | null {
  const [header = '', ...more] = headersDistinct['authorization'] ?? [];
  const token = /^bearer +(\S+)$/i.exec(header)?.[1];
  if (more.length === 0 && token !== undefined && isSameSecret(token, authToken)) return null;
  return {
    status: 401,
    message: 'A bearer token is needed.',
    headers: { 'WWW-Authenticate': 'Bearer realm="satway"' },
  };
}
