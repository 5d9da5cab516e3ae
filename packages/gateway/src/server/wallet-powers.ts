import { SatwayError } from '@satway/base';
import type { CredentialPowers, WalletInspection } from '@satway/wallets';
import { excessLndPowers, readLndPowers } from '@satway/wallets/lnd';
import type { GatewayConfig, SpendingPower, WalletConfig } from '../config/index.js';

/** What a credential may do beyond receiving, as far as it is known. */
export interface JudgedCredential {
  /** With which money can be spent, and which the configuration does not allow. */
  readonly forbidden: readonly SpendingPower[];
  /** Of which nobody can tell whether they are there, and which the configuration does not allow either. */
  readonly inDoubt: readonly SpendingPower[];
  /** All that is beyond receiving, in the wallet's own words. */
  readonly excess: readonly string[];
  /** What selling needs and the credential lacks, in the wallet's own words; empty where nobody has told. */
  readonly missing: readonly string[];
  readonly howToNarrow: string;
}

/** What the wallet itself says of the credential, against what the configuration allows. Where it does not say, what the credential says counts. */
export function judgeInspection(inspection: WalletInspection, config: WalletConfig): JudgedCredential {
  const decoded = decodedPowers(config);
  const { pay, administer } = inspection.can;
  return {
    ...against({ pay: pay ?? decoded?.pay ?? null, administer: administer ?? decoded?.administer ?? null }, config),
    excess: inspection.excess.receive ?? [],
    missing: inspection.missing?.receive ?? [],
    howToNarrow: inspection.howToNarrow.receive,
  };
}

const HOW_TO_BAKE =
  'Bake one on the node: lncli bakemacaroon --root_key_id 102 --save_to invoice.macaroon uri:/lnrpc.Lightning/AddInvoice ' +
  'uri:/lnrpc.Lightning/LookupInvoice uri:/lnrpc.Lightning/SubscribeInvoices';

/** What can be read from the credential without the wallet; `null` where nothing can. */
export function judgeOffline(config: WalletConfig): JudgedCredential | null {
  const { settings } = config;
  const powers = decodedPowers(config);
  if (powers === null || settings.kind !== 'lnd') return null;
  const excess = excessLndPowers({ macaroonHex: settings.macaroonHex }, 'issue') ?? [];
  return { ...against(powers, config), excess, missing: [], howToNarrow: HOW_TO_BAKE };
}

/** An LND checks nothing but the operations that stand in a macaroon. */
function decodedPowers({ settings }: WalletConfig): CredentialPowers | null {
  return settings.kind === 'lnd' ? readLndPowers({ macaroonHex: settings.macaroonHex }) : null;
}

/** Whether the configuration allows whatever the credential may turn out to be. */
export function allowsEverything({ allowPowers }: WalletConfig): boolean {
  return SPENDING.every((power) => allowPowers.includes(power));
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

type SpendingPowers = Pick<CredentialPowers, SpendingPower>;

function against(can: SpendingPowers, { allowPowers }: WalletConfig): Pick<JudgedCredential, 'forbidden' | 'inDoubt'> {
  const notAllowed = (is: boolean | null): SpendingPower[] =>
    SPENDING.filter((power) => can[power] === is && !allowPowers.includes(power));
  return { forbidden: notAllowed(true), inDoubt: notAllowed(null) };
}

/** `WALLET_TOO_POWERFUL`, naming the powers and how to make a credential without them. */
export function tooPowerful(name: string, judged: JudgedCredential): SatwayError {
  const { forbidden, excess } = judged;
  const inItsWords =
    excess.length === 0 ? '' : ` (${excess.slice(0, 12).join(', ')}${excess.length > 12 ? ', …' : ''})`;
  return refusal(name, forbidden, `${name} can ${forbidden.join(' and ')}${inItsWords}.`, judged);
}

/** `WALLET_TOO_POWERFUL` for what cannot be ruled out. */
export function maybeTooPowerful(name: string, judged: JudgedCredential): SatwayError {
  const { inDoubt } = judged;
  return refusal(name, inDoubt, `${name} does not tell whether it can ${inDoubt.join(' and ')}.`, judged);
}

function refusal(
  name: string,
  powers: readonly SpendingPower[],
  finding: string,
  { howToNarrow }: JudgedCredential,
): SatwayError {
  return new SatwayError('WALLET_TOO_POWERFUL', {
    detail: `${finding} ${howToNarrow} To sell all the same: allowPowers: [${powers.join(', ')}].`,
    facts: { wallet: name, powers: powers.join(' ') },
  });
}
