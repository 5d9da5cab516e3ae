import { redactText } from '@satway/base';
import type { ManualDecision } from '@satway/client';
import type { PaymentLookUp } from '@satway/wallets';
import { bookedFigures } from './booked-figures.js';
import { holdDamaged } from './payment-folder.js';
import type { PaymentRecord } from './payment-record.js';
import { endedBy, missingFor, type OpenFinding, type OpenParts } from './settle-open.js';

/** What can be found out of a payment whose record is damaged: at this wallet, which need not be the one that paid it. */
export type DamagedFinding = Omit<OpenFinding, 'record'>;

const DAMAGED =
  'Its record is damaged: how much was sent, and from which wallet, is not known. A person can end it as settled-as-spent; the file is kept aside then.';

/** Asks the wallet about a payment whose record is damaged. Writes nothing, never pays, and throws nothing. */
export async function examineDamaged(wallet: OpenParts['wallet'], paymentHashHex: string): Promise<DamagedFinding> {
  return describe(await ask(wallet, paymentHashHex));
}

/**
 * Ends a payment by hand whose record is damaged. The wallet is asked first: where it has settled, that is written down whatever the person decided. The damaged file is
 * kept beside the new record, and its invoice is never sent again.
 *
 * @throws {SatwayError} `PURCHASE_UNDER_WAY`; `PURCHASE_STATE_CONFLICT` where the record is not damaged any more; `PURCHASE_STORE_UNUSABLE`, `PURCHASE_STORE_FAILED`; and what
 * `decide` throws.
 */
export async function settleDamaged(
  { folder, wallet }: OpenParts,
  paymentHashHex: string,
  decide: (finding: DamagedFinding) => Promise<ManualDecision>,
): Promise<OpenFinding> {
  const held = holdDamaged(folder, paymentHashHex);
  try {
    const found = await ask(wallet, paymentHashHex);
    const finding = describe(found);
    const blank = blankRecord(paymentHashHex, wallet.identity);
    const ended = isSettled(found) ? asFound(blank, found) : endedBy(blank, await decide(finding));
    const keptAs = held.keepAside();
    const decision = `${ended.decision ?? 'The wallet has it as settled'}. Its record was damaged, and is kept as ${keptAs}.`;
    const record = { ...ended, decision };
    held.write(record);
    return { ...finding, record, detail: null };
  } finally {
    held.release();
  }
}

type Asked = PaymentLookUp | { readonly state: null; readonly error: unknown };

const isSettled = (found: Asked): found is Extract<PaymentLookUp, { state: 'settled' }> => found.state === 'settled';

async function ask(wallet: OpenParts['wallet'], paymentHashHex: string): Promise<Asked> {
  try {
    return await wallet.lookUp(paymentHashHex);
  } catch (error) {
    return { state: null, error };
  }
}

function describe(found: Asked): DamagedFinding {
  if (found.state !== null) return { walletSays: found.state, detail: DAMAGED, missingPermission: null };
  const why = found.error instanceof Error ? redactText(found.error.message) : 'The wallet cannot be asked.';
  return { walletSays: null, detail: `${DAMAGED} ${why}`, missingPermission: missingFor(found.error) };
}

/** Of what was sent nothing is known, so nothing is written down of it: no invoice costs 0. */
function blankRecord(paymentHashHex: string, walletIdentity: string): PaymentRecord {
  const unknownAmounts = { invoice: '', amountMsat: 0, feeLimitMsat: 0, invoiceExpiresAtMs: 0, feeMsat: null };
  const sent = { state: 'sending', seenInFlight: true, openSends: 1, totalSends: 1, decision: null } as const;
  return { version: 1, paymentHashHex, walletIdentity, createdAtMs: Date.now(), ...unknownAmounts, ...sent };
}

function asFound(blank: PaymentRecord, found: Extract<PaymentLookUp, { state: 'settled' }>): PaymentRecord {
  const { amountMsat, feeMsat } = bookedFigures(found, blank);
  return { ...blank, state: 'settled', openSends: 0, amountMsat, feeMsat };
}
