import { redactText } from '@satway/base';
import type { Purchase } from '@satway/client';
import type { WalletSettings } from '@satway/wallets/open-wallet';

/** What is known of a payment in flight beyond that; `null` where this kind of wallet cannot tell. */
export interface Diagnosis {
  readonly verdict: 'stuck' | 'canStillEnd' | 'unclear';
  /** One or two sentences; no secret. */
  readonly detail: string;
}

/** Finds out whether a payment that its wallet calls in flight can still end by itself. Moves and changes nothing. Never throws. */
export async function diagnosePurchase(
  settings: WalletSettings,
  purchase: Pick<Purchase, 'paymentHashHex'>,
): Promise<Diagnosis | null> {
  if (settings.kind !== 'lnd') return null;
  try {
    const { diagnoseLndPayment } = await import('@satway/wallets/lnd');
    const { verdict, detail } = await diagnoseLndPayment(settings, purchase.paymentHashHex);
    if (verdict === 'stuck') return { verdict: 'stuck', detail };
    return { verdict: verdict === 'inFlight' ? 'canStillEnd' : 'unclear', detail };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { verdict: 'unclear', detail: `It could not be looked into: ${redactText(why)}` };
  }
}
