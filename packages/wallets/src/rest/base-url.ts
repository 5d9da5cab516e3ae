import { SatwayError } from '@satway/base';

/**
 * The address under which a wallet's calls stand, without slashes at its end. With a secret in every call it must be https, unless the wallet is on
 * this machine.
 *
 * @throws {SatwayError} `WALLET_NOT_CONFIGURED`, never with the address: somebody may have put a secret into it.
 */
export function walletBaseUrl(text: string): string {
  if (!URL.canParse(text)) throw notConfigured('is no address');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw notConfigured('must begin with https:// or http://');
  if (url.username !== '' || url.password !== '') throw notConfigured('must hold no user name and no password');
  if (url.search !== '' || url.hash !== '') throw notConfigured('must end with the path');
  if (isSentInTheClear(url)) {
    throw notConfigured('must be https: the secret would cross the network in the clear');
  }
  return (url.origin + url.pathname).replace(/\/+$/, '');
}

/** Whether what is sent to an address can be read on the way: plain http to another machine. */
export function isSentInTheClear({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && !isLoopback(hostname);
}

/** A name or an address of this machine, as `URL` writes it. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

function notConfigured(what: string): SatwayError {
  return new SatwayError('WALLET_NOT_CONFIGURED', { detail: `The wallet’s URL ${what}.` });
}
