import type { EnvironmentReader } from './environment-reader.js';
import { isSentInTheClear } from '../rest/index.js';
import { notConfigured } from './not-configured.js';
import type { WalletVariable } from './variables.js';

/** The address of a wallet, without the slashes at its end; `host:8080` means https. @throws {SatwayError} `WALLET_NOT_CONFIGURED`. */
export function readWalletUrl(reader: EnvironmentReader, variable: WalletVariable): string {
  const text = reader.text(variable).trim();
  const url = parse(text.includes('://') ? text : `https://${text}`);
  if (url === null) throw notConfigured(`${variable} must be an http or https address.`);
  if (url.username !== '' || url.password !== '') {
    throw notConfigured(`${variable} must hold no user name and no password; they have a variable of their own.`);
  }
  if (isSentInTheClear(url))
    throw notConfigured(`${variable} must be https: the secret would cross the network in the clear.`);
  return url.href.replace(/\/+$/, '');
}

function parse(text: string): URL | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) && url.hash === '' && url.search === '' ? url : null;
}
