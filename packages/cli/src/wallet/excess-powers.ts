import { isSatwayError } from '@satway/base';
import { excessLndPowers } from '@satway/wallets/lnd';
import type { PayingWallet } from '@satway/wallets';
import type { WalletSettings } from '@satway/wallets/open-wallet';

/** How many powers are named before the rest is only counted. */
const NAMED = 4;

/**
 * What a credential may do beyond paying, for a person, as far as the credential itself tells: it is read here and nobody is asked, so that a payment waits
 * for nothing. Of the kinds whose credential tells nothing “satway doctor” finds out.
 */
export function describeExcess(settings: WalletSettings): string[] {
  if (settings.kind !== 'lnd') return [];
  const excess = readExcess(settings.macaroonHex);
  if (excess === null)
    return ['what this macaroon allows cannot be read from it; “satway doctor” says how to bake one that only pays.'];
  if (excess.length === 0) return [];
  const more = excess.length > NAMED ? ` and ${excess.length - NAMED} more` : '';
  const names = `${excess.slice(0, NAMED).join(', ')}${more}`;
  return [`this macaroon can do more than pay (${names}); “satway doctor” says how to bake a smaller one.`];
}

/** What a person should know before they pay with a credential that lets nobody find out what became of a payment. */
export function describeBlindness({ kind, canLookUp }: Pick<PayingWallet, 'kind' | 'canLookUp'>): string[] {
  if (canLookUp !== false) return [];
  const toAdd = kind === 'lnd' ? 'uri:/routerrpc.Router/TrackPaymentV2' : 'lookup_invoice';
  return [
    `this credential cannot look payments up: one whose answer is lost stays unknown until you book it yourself. Allow it ${toAdd}; “satway doctor” says how.`,
  ];
}

/** `null` where it does not tell. One that is no macaroon at all is refused by the wallet, which says so better. */
function readExcess(macaroonHex: string): readonly string[] | null {
  try {
    return excessLndPowers({ macaroonHex }, 'pay');
  } catch (error) {
    if (isSatwayError(error)) return [];
    throw error;
  }
}
