import type { PurchaseStore } from '@satway/client';

/** Writes a purchase down as `satway pay` does before it pays. @returns its id. */
export function quotePurchase(
  store: PurchaseStore,
  paymentHashHex: string,
  idempotencyKey = 'key',
  walletId = 'wallet-a',
): string {
  store.budgets.registerCap('default', 100_000);
  const url = 'https://api.example/item';
  const call = { walletId, method: 'GET', url, bodySha256Hex: '00'.repeat(32) };
  const target = { origin: 'https://api.example', targetMethod: 'GET', targetUrl: url, scope: 'item' };
  const offer = { paymentHashHex, invoice: 'lnbcrt1', amountMsat: 5000, invoiceExpiresAtMs: Date.now() + 600_000 };
  const credential = { macaroonText: 'm', usesTotal: 1, credentialExpiresAtMs: null };
  const names = { budgetId: 'default', idempotencyKey, keyGiven: false };
  const quoted = store.journal.quote({ ...call, ...target, ...offer, ...credential, ...names });
  if (!quoted.ok) throw new Error(quoted.code);
  return quoted.value;
}

/** The same, handed to this wallet, and of unknown end since: 6000 msat are reserved. @returns its id. */
export function leaveUnknown(store: PurchaseStore, paymentHashHex: string, walletId: string): string {
  const purchaseId = quotePurchase(store, paymentHashHex, paymentHashHex, walletId);
  const reserved = store.journal.reserve(purchaseId, { feeCeilingMsat: 1000, maxTotalMsat: 100_000 });
  if (!reserved.ok) throw new Error(reserved.code);
  store.journal.startSending(purchaseId);
  store.journal.markUnknown(purchaseId, { seenInFlight: false });
  store.journal.park(purchaseId);
  return purchaseId;
}
