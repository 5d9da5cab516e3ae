import { SatwayError } from '@satway/base';
import type { CredentialPowers, WalletInspection } from '@satway/wallets';
import { excessLndPowers, readLndPowers } from '@satway/wallets/lnd';
import type { GatewayConfig, SpendingPower, WalletConfig } from '../config/index.js';

/** What a credential may do beyond receiving, as far as it is known. */
export interface JudgedCredential {
  /** With which money can be spent, and which the configuration does not allow. */
  readonly forbidden: readonly SpendingPower[];
  /** All that is beyond receiving, in the wallet's own words. */
  readonly excess: readonly string[];
  readonly howToNarrow: string;
  /** True where the wallet did not tell whether it can pay. */
  readonly isInDoubt: boolean;
}

/** What the wallet itself says of the credential, against what the configuration allows. */
export function judgeInspection(inspection: WalletInspection, config: WalletConfig): JudgedCredential {
  return {
    forbidden: forbiddenPowers(inspection.can, config),
    excess: inspection.excess.receive,
    howToNarrow: inspection.howToNarrow.receive,
    isInDoubt: inspection.can.pay === null,
  };
}

const HOW_TO_BAKE =
  'Bake one on the node: lncli bakemacaroon --root_key_id 102 --save_to invoice.macaroon uri:/lnrpc.Lightning/AddInvoice ' +
  'uri:/lnrpc.Lightning/LookupInvoice uri:/lnrpc.Lightning/SubscribeInvoices uri:/invoicesrpc.Invoices/CancelInvoice';

/** What can be read from the credential without the wallet; `null` where nothing can. */
export function judgeOffline(config: WalletConfig): JudgedCredential | null {
  const { settings } = config;
  if (settings.kind !== 'lnd') return null;
  const powers = readLndPowers({ macaroonHex: settings.macaroonHex });
  if (powers === null) return null;
  const excess = excessLndPowers({ macaroonHex: settings.macaroonHex }, 'issue') ?? [];
  return { forbidden: forbiddenPowers(powers, config), excess, howToNarrow: HOW_TO_BAKE, isInDoubt: false };
}

/**
 * Judges what can be judged without asking any wallet, as a start does.
 *
 * @throws {SatwayError} `WALLET_TOO_POWERFUL`. Funds moved: no.
 */
export function checkWalletPowers({ wallets }: Pick<GatewayConfig, 'wallets'>): void {
  for (const [index, wallet] of wallets.entries()) {
    const judged = judgeOffline(wallet);
    if (judged !== null && judged.forbidden.length > 0) throw tooPowerful(walletName(wallets, index), judged);
  }
}

/** In logs, metrics and errors: `lnd`; where there are several, `1-lnd`, `2-lnbits`. */
export function walletName(wallets: readonly WalletConfig[], index: number): string {
  const kind = wallets[index]?.settings.kind ?? 'wallet';
  return wallets.length === 1 ? kind : `${index + 1}-${kind}`;
}

const SPENDING: readonly SpendingPower[] = ['pay', 'administer'];

function forbiddenPowers(can: Pick<CredentialPowers, SpendingPower>, { allowPowers }: WalletConfig): SpendingPower[] {
  return SPENDING.filter((power) => can[power] === true && !allowPowers.includes(power));
}

/** `WALLET_TOO_POWERFUL`, naming the powers and how to make a credential without them. */
export function tooPowerful(name: string, { forbidden, excess, howToNarrow }: JudgedCredential): SatwayError {
  const inItsWords =
    excess.length === 0 ? '' : ` (${excess.slice(0, 12).join(', ')}${excess.length > 12 ? ', …' : ''})`;
  return new SatwayError('WALLET_TOO_POWERFUL', {
    detail: `${name} can ${forbidden.join(' and ')}${inItsWords}. ${howToNarrow} To start all the same: allowPowers: [${forbidden.join(', ')}].`,
    facts: { wallet: name, powers: forbidden.join(' ') },
  });
}
