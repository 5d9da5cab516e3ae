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
  readonly limiters: CallerLimiters;
}

/** Counted apart: whoever has no token takes nothing from those who have it, though a page in the owner's browser comes from the owner's address. */
export interface CallerLimiters {
  readonly withToken: AddressLimiter;
  readonly withoutToken: AddressLimiter;
}

/** Why a request is turned away. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** In the form in which MCP clients read errors. */
export function refusalBody({ message }: Refusal): string {
  return JSON.stringify({ jsonrpc: '2.0', error: { code: -32_000, message }, id: null });
}

/**
 * Cheapest first: too often → under a foreign name → from a foreign page. Forwarding headers are not looked at: who is behind a proxy that nobody configured is
 * the proxy.
 */
export function refuseCaller(options: GuardOptions, request: IncomingMessage): Refusal | null {
  const { withToken, withoutToken } = options.limiters;
  const limiter = showsToken(options, request) ? withToken : withoutToken;
  const waitSeconds = limiter.waitSeconds(request.socket.remoteAddress);
  if (waitSeconds > 0) {
    return {
      status: 429,
      message: 'Too many requests from this address.',
      headers: { 'Retry-After': String(waitSeconds) },
    };
  }
  if (request.headersDistinct['host'] === undefined) return { status: 400, message: 'A Host is needed.' };
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
export function refuseStranger(options: GuardOptions, request: IncomingMessage): Refusal | null {
  if (showsToken(options, request)) return null;
  return {
    status: 401,
    message: 'A bearer token is needed.',
    headers: { 'WWW-Authenticate': 'Bearer realm="satway"' },
  };
}

function showsToken({ authToken }: GuardOptions, { headersDistinct }: IncomingMessage): boolean {
  const [header = '', ...more] = headersDistinct['authorization'] ?? [];
  const token = /^bearer +(\S+)$/i.exec(header)?.[1];
  return more.length === 0 && token !== undefined && isSameSecret(token, authToken);
}
