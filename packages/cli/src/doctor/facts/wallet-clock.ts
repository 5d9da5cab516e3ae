import { SatwayError } from '@satway/base';
import type { Egress } from '@satway/egress';
import type { WalletSettings } from '@satway/wallets/open-wallet';

/** Where a wallet of each kind answers anybody, with its clock in `Date`; no credential is sent. */
const OPEN_PATH: Readonly<Record<WalletSettings['kind'], string>> = {
  lnd: '/v1/state',
  lnbits: '/api/v1/health',
  phoenixd: '/',
  nwc: '/',
};

/** The wallet's address; of a wallet behind Nostr its first relay's. `null` where there is none to be read. */
export function addressOf(settings: WalletSettings): URL | null {
  const text = settings.kind === 'nwc' ? relayOf(settings.uri) : settings.url;
  if (text === null || !URL.canParse(text)) return null;
  return new URL(text.replace(/^ws(s?):/i, 'http$1:'));
}

function relayOf(uri: string): string | null {
  const query = uri.slice(uri.indexOf('?') + 1);
  return new URLSearchParams(query).get('relay');
}

/**
 * How far our clock is ahead of the wallet's, of a wallet behind Nostr of its first relay's, in milliseconds, measured in the middle of one exchange; `Date` counts whole seconds.
 *
 * @throws {SatwayError} `EGRESS_…`, `WALLET_ANSWER_INVALID` where it tells no time.
 */
export async function readClockOffset(settings: WalletSettings, egress: Egress): Promise<number> {
  const address = addressOf(settings);
  if (address === null) throw new SatwayError('WALLET_NOT_CONFIGURED', { detail: 'It has no address.' });
  const pin =
    settings.kind === 'lnd' ? { certificatePem: settings.tlsCertPem, fingerprint256: settings.tlsFingerprint256 } : {};
  const sentAtMs = Date.now();
  const response = await egress.exchange({
    method: 'GET',
    url: address.href.replace(/\/+$/, '') + OPEN_PATH[settings.kind],
    deadlineMs: 10_000,
    maxBodyBytes: 65_536,
    tls: pin,
    reach: 'configured',
  });
  const receivedAtMs = Date.now();
  response.discard();
  const walletMs = Date.parse(response.header('date') ?? '');
  if (Number.isNaN(walletMs)) throw new SatwayError('WALLET_ANSWER_INVALID', { detail: 'It tells no time.' });
  // `Date` is cut to the second: on average half of one is missing.
  return Math.round((sentAtMs + receivedAtMs) / 2) - walletMs - 500;
}
