import type { WalletInspection } from '../../wallet.js';

const NOTHING_TO_NARROW = 'A sandbox node has no credentials in its own process.';

/** In its own process a sandbox node bounds nothing. */
export const SANDBOX_INSPECTION: WalletInspection = {
  kind: 'sandbox',
  network: 'regtest',
  can: { pay: true, createInvoice: true, read: true, administer: true },
  excess: { pay: [], receive: [], read: [] },
  howToNarrow: { pay: NOTHING_TO_NARROW, receive: NOTHING_TO_NARROW, read: NOTHING_TO_NARROW },
};
