import { isSatwayError } from '@satway/base';
import { excessLndPowers } from '@satway/wallets/lnd';
import type { PayingWallet, WalletInspection } from '@satway/wallets';
import type { WalletSettings } from '@satway/wallets/open-wallet';

/** How many powers are named before the rest is only counted. */
const NAMED = 4;

/**
 * What a credential may do beyond paying, for a person, as far as the credential itself tells: it is read here and nobody is asked, so that a payment waits
 * for nothing. Of the kinds whose credential tells nothing `describePowersOf` finds out.
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

/** So long a payment waits for a wallet to tell what its connection may do. */
const ASK_FOR_MS = 3_000;

const OF_PHOENIXD =
  'the password with which phoenixd pays can do more (sendtoaddress, closechannel, bumpfee, lnurlauth), and phoenixd has no password that only pays: run one for this alone, with nothing in it that you would miss.';

const OF_LNBITS =
  'nothing bounds the admin key with which LNbits pays (it also changes the wallet, and shares it with other accounts), and LNbits has no smaller key that pays: keep a wallet of its own for this alone, with nothing in it that you would miss.';

const UNCLEAR = 'what this connection allows could not be found out; “satway doctor” asks again.';

/**
 * As `describeExcess`, of a wallet that is connected, where its credential tells nothing by itself: one behind Nostr is asked, over the connection that stands and
 * with calls that move nothing; of phoenixd and LNbits it is known without asking. Never rejects, and never takes longer than it may.
 */
export async function describePowersOf(
  wallet: Pick<PayingWallet, 'kind' | 'inspect'>,
  askForMs = ASK_FOR_MS,
): Promise<string[]> {
  if (wallet.kind === 'phoenixd') return [OF_PHOENIXD];
  if (wallet.kind === 'lnbits') return [OF_LNBITS];
  if (wallet.kind !== 'nwc') return [];
  const found = await within(askForMs, learn(wallet));
  if (found === null || found.excess.pay === null) return [UNCLEAR];
  if (found.excess.pay.length === 0) return [];
  return [
    `this connection can do more than it should to pay (${found.excess.pay.join(', ')}). ${found.howToNarrow.pay}`,
  ];
}

/** `null` where it does not tell. */
async function learn(wallet: Pick<PayingWallet, 'inspect'>): Promise<WalletInspection | null> {
  try {
    return await wallet.inspect();
  } catch {
    return null;
  }
}

async function within<T>(limitMs: number, work: Promise<T | null>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), limitMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
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
