// Opens a store that is not there yet, together with others that do the same, and buys one thing in it.
import { openPurchaseStore } from '@satway/client';

process.on('message', ({ path, number }) => {
  const store = openPurchaseStore({ path });
  store.budgets.registerCap('default', 1_000_000);
  const quoted = store.journal.quote({
    walletId: 'wallet-a',
    budgetId: 'default',
    idempotencyKey: `key-${number}`,
    keyGiven: false,
    method: 'GET',
    url: 'https://api.example/item',
    bodySha256Hex: '',
    origin: 'https://api.example',
    targetMethod: 'GET',
    targetUrl: 'https://api.example/item',
    scope: 'endpoint:acme/item',
    paymentHashHex: number.toString(16).padStart(64, '0'),
    invoice: `lnbcrt-${number}`,
    amountMsat: 1000,
    invoiceExpiresAtMs: 2_000_000_000_000,
    macaroonText: `macaroon-${number}`,
    usesTotal: 1,
    credentialExpiresAtMs: null,
  });
  store.journal.reserve(quoted.value, { feeCeilingMsat: 0, maxTotalMsat: 1_000_000 });
  store.journal.startSending(quoted.value);
  store.journal.settle(quoted.value, { preimageHex: 'ab'.repeat(32), amountMsat: 1000, feeMsat: 0 });
  store.close();
  process.send({ purchaseId: quoted.value }, () => process.disconnect());
});
process.send({ ready: true });
