import { isIPv4 } from 'node:net';
import { SatwayError } from '@satway/base';

/**
 * Reads where a socket is to go. Plain `ws:` stays on this machine unless the caller allows more.
 *
 * @throws {SatwayError} `EGRESS_URL_INVALID`; the URL is not repeated, since it may hold a password.
 */
export function parseSocketTarget(url: string, allowPlain: boolean): URL {
  const target = URL.canParse(url) ? new URL(url) : null;
  if (target === null || !/^wss?:$/.test(target.protocol) || target.username !== '' || target.password !== '') {
    throw new SatwayError('EGRESS_URL_INVALID', { detail: 'A socket needs a wss:// or ws:// address.' });
  }
  if (target.protocol === 'wss:' || allowPlain || isLoopback(target.hostname)) return target;
  throw new SatwayError('EGRESS_URL_INVALID', { detail: 'Plain ws:// goes to this machine only; use wss://.' });
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.'));
}
