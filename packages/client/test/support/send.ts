import type { Purchase } from '../../src/journal/index.js';
import type { ClientContext } from '../../src/l402-client/context.js';
import { type Bought, sendAndKeep } from '../../src/purchase/buy.js';
import { type RecordedOutcome, send } from '../../src/purchase/pay.js';

/** Writes down that a purchase in our hands is sent, whatever any budget says of it, and asks the wallet. */
export function pay(context: ClientContext, purchase: Purchase): Promise<RecordedOutcome> {
  return send(context, purchase, context.store.journal.startSending(purchase.purchaseId));
}

/** The same, until it is clear what became of it. */
export function payAndKeep(context: ClientContext, purchaseId: string): Promise<Bought> {
  return sendAndKeep(context, purchaseId, context.store.journal.startSending(purchaseId));
}
