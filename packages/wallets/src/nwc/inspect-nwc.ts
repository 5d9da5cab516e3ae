import { isSatwayError } from '@satway/base';
import { foreignWords, integerOf, type Json } from '../rest/index.js';
import type { CredentialPowers, WalletInspection, WalletRole } from '../wallet.js';
import { networkOf } from './nwc-network.js';
import { type NwcConnectionOptions, NwcService } from './nwc-service.js';

/** Methods by which money leaves the wallet. */
const PAYING: ReadonlySet<string> = new Set([
  'pay_invoice',
  'pay_keysend',
  'pay_offer',
  'multi_pay_invoice',
  'multi_pay_keysend',
]);
const RECEIVING: ReadonlySet<string> = new Set(['make_invoice', 'make_hold_invoice', 'make_offer']);
const READING: ReadonlySet<string> = new Set(['get_balance', 'lookup_invoice', 'list_transactions']);
/** Methods by which one gets at more: other connections, and the node's own name under a text. */
const ADMINISTERING: ReadonlySet<string> = new Set(['create_connection', 'sign_message']);

/** What each role needs, and what does it no harm. */
const ENOUGH: Readonly<Record<WalletRole, ReadonlySet<string>>> = {
  receive: new Set(['make_invoice', 'lookup_invoice', 'get_info', 'notifications']),
  pay: new Set(['pay_invoice', 'lookup_invoice', 'get_balance', 'get_budget', 'get_info', 'notifications']),
  read: new Set(['get_balance', 'lookup_invoice', 'get_budget', 'get_info', 'notifications']),
};

const HOW_TO_NARROW: Readonly<Record<WalletRole, string>> = {
  receive:
    'In the wallet, make a connection that may only receive: make_invoice and lookup_invoice, without pay_invoice.',
  pay: 'In the wallet, make a connection with pay_invoice, lookup_invoice, get_balance and get_info, a budget and an expiry; where it offers create_connection, mintNwcConnection makes one.',
  read: 'In the wallet, make a read-only connection: get_balance and lookup_invoice.',
};

/** Of a method; a wallet may name what it likes, and people read it. */
const LONGEST_NAME = 60;

/** Said of a connection that may pay all that the wallet has. */
const NO_BUDGET = 'pay_invoice without a budget';

/**
 * What an NWC connection allows: the methods that `get_info` lists for it, and its budget.
 *
 * @throws {SatwayError} the codes of `InvoiceIssuer`, and `WALLET_NOT_CONFIGURED`.
 */
export async function inspectNwc(options: NwcConnectionOptions): Promise<WalletInspection> {
  const service = new NwcService(options);
  try {
    return await inspectService(service);
  } finally {
    await service.close();
  }
}

/** Like `inspectNwc`, on a connection that stands. */
export async function inspectService(service: NwcService): Promise<WalletInspection> {
  const info = await allowed(service, 'get_info');
  const methods = methodsOf(info) ?? (await service.info()).methods;
  const beyond = (role: WalletRole): string[] =>
    methods.filter((method) => !ENOUGH[role].has(method)).map((method) => foreignWords(method, LONGEST_NAME));
  const isUnbounded = methods.includes('pay_invoice') && !(await hasBudget(service, methods));
  return {
    kind: 'nwc',
    network: info === null ? null : networkOf(info),
    can: powersOf(methods),
    excess: {
      receive: beyond('receive'),
      pay: [...beyond('pay'), ...(isUnbounded ? [NO_BUDGET] : [])],
      read: beyond('read'),
    },
    howToNarrow: HOW_TO_NARROW,
  };
}

function powersOf(methods: readonly string[]): CredentialPowers {
  const hasAny = (names: ReadonlySet<string>): boolean => methods.some((method) => names.has(method));
  return {
    pay: hasAny(PAYING),
    createInvoice: hasAny(RECEIVING),
    read: hasAny(READING),
    administer: hasAny(ADMINISTERING),
  };
}

/** `get_info` lists what this connection may do; the info event what the service can do for anybody. */
function methodsOf(info: Json | null): readonly string[] | null {
  const methods = info?.['methods'];
  if (!Array.isArray(methods)) return null;
  return methods.filter((method: unknown): method is string => typeof method === 'string');
}

/** An empty answer of `get_budget` says that there is no budget; so does a wallet that does not know the method. */
async function hasBudget(service: NwcService, methods: readonly string[]): Promise<boolean> {
  const budget = methods.includes('get_budget') ? await allowed(service, 'get_budget') : null;
  return budget !== null && (integerOf(budget, 'total_budget') ?? 0) > 0;
}

/** `null` where the connection may not ask. */
async function allowed(service: NwcService, method: string): Promise<Json | null> {
  try {
    return await service.call(method, {});
  } catch (error) {
    if (isSatwayError(error, 'WALLET_PERMISSION_DENIED')) return null;
    throw error;
  }
}
