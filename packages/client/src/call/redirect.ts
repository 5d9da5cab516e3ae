import { SatwayError } from '@satway/base';
import { type Call, type Target, targetOf } from './call.js';

/** How many redirects one call follows. */
export const MAX_REDIRECTS = 5;

/** What may cross an origin: what says how to answer, and nothing that says who asks or proves a payment. */
const MAY_CROSS_ORIGINS: ReadonlySet<string> = new Set([
  'accept',
  'accept-language',
  'accept-encoding',
  'user-agent',
  'range',
]);

/** The next place of a redirect, and whether the body goes along. */
export interface Hop {
  readonly target: Target;
  readonly withBody: boolean;
  /** The chain has crossed an origin. From then on the places are of a stranger's choice, its way back included, and no secret goes along. */
  readonly strayed?: boolean;
}

/**
 * Where an answer sends the request on; `null` when it is no redirect to follow.
 *
 * @throws {SatwayError} `REDIRECT_REFUSED`: to a weaker scheme, to something that is no http URL, or with a body to another origin.
 * @see Fetch standard, HTTP-redirect fetch. Stricter: a body never crosses an origin, https never becomes http.
 */
export function nextHop(call: Call, from: Hop, status: number, location: string | null): Hop | null {
  if (![301, 302, 303, 307, 308].includes(status) || location === null) return null;
  if (call.redirect === 'manual') return null;
  if (call.redirect === 'error') throw refused('The caller wants none.');
  const toGet = becomesGet(status, from.target.method);
  const target = locate(toGet ? 'GET' : from.target.method, from.target.url, location);
  const withBody = from.withBody && !toGet;
  if (from.target.url.startsWith('https:') && target.url.startsWith('http:')) throw refused('From https to http.');
  if (withBody && target.origin !== call.origin) throw refused('A body does not cross origins.');
  const strayed = from.strayed === true || target.origin !== from.target.origin;
  return strayed ? { target, withBody, strayed } : { target, withBody };
}

function becomesGet(status: number, method: string): boolean {
  if (method === 'HEAD' || method === 'GET') return false;
  return status === 303 || ((status === 301 || status === 302) && method === 'POST');
}

function locate(method: string, base: string, location: string): Target {
  try {
    return targetOf(method, new URL(location, base).href);
  } catch (cause) {
    throw new SatwayError('REDIRECT_REFUSED', { detail: 'The address cannot be used.', cause });
  }
}

/** Whether this place is the origin's own choice, so that what is secret between it and the caller may go there. */
export function isTrusted({ target, strayed }: Hop, origin: string): boolean {
  return target.origin === origin && strayed !== true;
}

/** The caller's headers as far as they may go there. */
export function headersFor(call: Call, hop: Hop): (readonly [string, string])[] {
  const trusted = isTrusted(hop, call.origin);
  return call.headers.filter(([name]) =>
    trusted ? hop.withBody || !name.startsWith('content-') : MAY_CROSS_ORIGINS.has(name),
  );
}

function refused(detail: string): SatwayError {
  return new SatwayError('REDIRECT_REFUSED', { detail });
}
