import { SatwayError } from '@satway/base';
import { isPubkey, type NostrKey, nostrKeyOf } from './nostr/index.js';

/** What a connection URI holds. */
export interface NwcConnection {
  /** Of the wallet service; x-only, 64 lower-case hex digits. */
  readonly walletPubkeyHex: string;
  /** Ours for this connection. */
  readonly key: NostrKey;
  /** At least one; each once, in the order of the URI. */
  readonly relayUrls: readonly string[];
  /** A lightning address of the wallet; `null` where the URI has none. */
  readonly lud16: string | null;
}

/** The current form, and the one before it. A scheme without `//` is written by some wallets. */
const URI = /^(?:nostr\+walletconnect|nostrwalletconnect):(?:\/\/)?([0-9a-f]{64})\/?\?(.*)$/i;
const MAX_URI_LENGTH = 4_096;
const MAX_RELAYS = 8;

/**
 * Reads `nostr+walletconnect://<wallet's public key>?relay=…&relay=…&secret=…&lud16=…`.
 *
 * @throws {SatwayError} `WALLET_NOT_CONFIGURED`, never with the URI or a part of it.
 * @see NIP-47, "Nostr Wallet Connect URI". Stricter: relays are `wss:` or `ws:` URLs, at most eight; keys are keys of the curve.
 */
export function parseConnectionUri(uri: string): NwcConnection {
  const match = uri.length <= MAX_URI_LENGTH ? URI.exec(uri.trim()) : null;
  if (match === null) throw notConfigured('it does not begin with nostr+walletconnect:// and a public key');
  const walletPubkeyHex = (match[1] ?? '').toLowerCase();
  if (!isPubkey(walletPubkeyHex)) throw notConfigured('its public key is none');
  const parameters = new URLSearchParams(match[2]);
  const key = nostrKeyOf((parameters.get('secret') ?? '').toLowerCase());
  if (key === null) throw notConfigured('its secret is missing or no key');
  const lud16 = parameters.get('lud16');
  return {
    walletPubkeyHex,
    key,
    relayUrls: readRelays(parameters.getAll('relay')),
    lud16: lud16 === '' ? null : lud16,
  };
}

/** Writes a connection URI. It holds the secret. */
export function formatConnectionUri(parts: {
  readonly walletPubkeyHex: string;
  readonly secretHex: string;
  readonly relayUrls: readonly string[];
  readonly lud16: string | null;
}): string {
  const query = new URLSearchParams();
  for (const url of parts.relayUrls) query.append('relay', url);
  query.append('secret', parts.secretHex);
  if (parts.lud16 !== null) query.append('lud16', parts.lud16);
  return `nostr+walletconnect://${parts.walletPubkeyHex}?${query.toString()}`;
}

function readRelays(texts: readonly string[]): string[] {
  const spellings = new Map(texts.map((text) => [readRelay(text), text.trim()]));
  if (spellings.size === 0) throw notConfigured('it names no relay');
  if (spellings.size > MAX_RELAYS) throw notConfigured(`it names more than ${MAX_RELAYS} relays`);
  return [...spellings].map(([href, text]) => spelledAs(href, text));
}

/** @returns the one spelling of a relay, by which two are the same. */
function readRelay(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^wss?:$/.test(url.protocol) && url.username === '' && url.password === '') return url.href;
  throw notConfigured('a relay of it is no wss:// address');
}

/** Relays that ask who connects (NIP-42) compare their own address letter by letter, so the slash stays away that only our parser adds. */
function spelledAs(href: string, text: string): string {
  return href === `${text}/` ? text : href;
}

function notConfigured(why: string): SatwayError {
  return new SatwayError('WALLET_NOT_CONFIGURED', { detail: `The NWC connection URI cannot be used: ${why}.` });
}
