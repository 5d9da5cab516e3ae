import { isSatwayError, type SatwayError } from '@satway/base';
import type { ManualDecision, ManualEnd } from '@satway/client';
import type { WalletSettings } from '@satway/wallets/open-wallet';
import type { Diagnosis } from '../diagnose-purchase.js';
import {
  type DamagedFinding,
  examineDamaged,
  type OpenFinding,
  type OpenPayment,
  settleDamaged,
  settleOpen,
} from '../direct-payment/index.js';
import type { AskedWallet } from './asked-wallet.js';
import { confirmHash } from './confirm-hash.js';
import { requireLeave, whoIsHere } from './decide.js';
import { diagnoseWhereOpen } from './examine.js';

/** Where the records of `satway wallet pay` lie, and the wallet that is asked. */
export interface DirectParts {
  readonly folder: string;
  readonly wallet: AskedWallet;
  /** `null` where no wallet is named. */
  readonly settings: WalletSettings | null;
}

/** One direct payment after its wallet was asked; what the wallet proved is written down by then. */
export interface ExaminedDirect extends Omit<OpenFinding, 'record'> {
  readonly paymentHashHex: string;
  /** `null` where it is damaged. */
  readonly record: OpenFinding['record'] | null;
  readonly diagnosis: Diagnosis | null;
}

/** As `examine`, for a payment of `satway wallet pay`. */
export async function examineDirect(parts: DirectParts, open: OpenPayment): Promise<ExaminedDirect> {
  const { paymentHashHex, record } = open;
  if (record === null && !open.inHand) return examineUnread(parts, paymentHashHex);
  try {
    const finding = await settleOpen(parts, paymentHashHex);
    return { paymentHashHex, ...finding, diagnosis: await diagnoseOpen(parts, paymentHashHex, finding) };
  } catch (error) {
    if (!isLeftAlone(error)) throw error;
    return {
      paymentHashHex,
      record,
      walletSays: null,
      detail: error.message,
      missingPermission: null,
      diagnosis: null,
    };
  }
}

async function examineUnread(parts: DirectParts, paymentHashHex: string): Promise<ExaminedDirect> {
  const finding = await examineDamaged(parts.wallet, paymentHashHex);
  return { paymentHashHex, record: null, ...finding, diagnosis: await diagnoseOpen(parts, paymentHashHex, finding) };
}

function isLeftAlone(error: unknown): error is SatwayError {
  const codes = ['PURCHASE_UNDER_WAY', 'PURCHASE_STATE_CONFLICT', 'PAYMENT_UNKNOWN'] as const;
  return codes.some((code) => isSatwayError(error, code));
}

/**
 * As `decide`, for a payment of `satway wallet pay`: its record keeps the decision, and its invoice is never sent again. A damaged record is kept aside, and what its wallet has as
 * settled is written down as that.
 */
export async function decideDirect(
  parts: DirectParts,
  examined: ExaminedDirect,
  as: ManualEnd,
  yes: string | undefined,
): Promise<ExaminedDirect> {
  const { paymentHashHex, record, walletSays } = examined;
  if (walletSays !== 'settled') requireLeave(as, paymentHashHex, examined);
  await confirmHash({ purchase: { paymentHashHex }, as, yes });
  const decide = async (finding: DamagedFinding): Promise<ManualDecision> => {
    const diagnosis = await diagnoseOpen(parts, paymentHashHex, finding);
    return { as, decidedBy: whoIsHere(), reason: requireLeave(as, paymentHashHex, { ...finding, diagnosis }) };
  };
  const settle = record === null ? settleDamaged : settleOpen;
  const decided = await settle(parts, paymentHashHex, decide);
  return { paymentHashHex, ...decided, diagnosis: null };
}

function diagnoseOpen(
  { settings }: DirectParts,
  paymentHashHex: string,
  { walletSays }: Pick<OpenFinding, 'walletSays'>,
): Promise<Diagnosis | null> {
  return diagnoseWhereOpen(settings, { purchase: { paymentHashHex }, walletSays });
}
