import { isSatwayError } from '@satway/base';
import { foreignWords, integerOf, type Json } from '../rest/index.js';
import type { CredentialPowers, WalletInspection, WalletRole } from '../wallet.js';
import { networkOf } from './nwc-network.js';
import { type NwcConnectionOptions, NwcService } from './nwc-service.js';

/** By their names, since wallets add their own (`pay_onchain`, `multi_pay_keysend`): methods by which money leaves the wallet. */
const PAYING = /^(?:multi_)?(?:pay|send|keysend|withdraw)(?:_|$)/i;
const RECEIVING: ReadonlySet<string> = new Set(['make_invoice', 'make_hold_invoice', 'make_offer']);
const READING: ReadonlySet<string> = new Set(['get_balance', 'lookup_invoice', 'list_transactions']);
/** Methods that only look at something, or end an invoice of the wallet's own. */
const HARMLESS: ReadonlySet<string> = new Set([
  'get_info',
  'get_budget',
  'settle_hold_invoice',
  'cancel_hold_invoice',
  'notifications',
]);

/** What each role needs, and what does it no harm. */
const ENOUGH: Readonly<Record<WalletRole, ReadonlySet<string>>> = {
  receive: new Set(['make_invoice', 'lookup_invoice', 'get_info', 'notifications']),
  pay: new Set(['pay_invoice', 'lookup_invoice', 'get_balance', 'get_budget', 'get_info', 'notifications']),
  read: new Set(['get_balance', 'lookup_invoice', 'get_budget', 'get_info', 'notifications']),
};

/** What each role cannot do without. */
const WANTED: Readonly<Record<WalletRole, readonly string[]>> = {
  receive: ['make_invoice', 'lookup_invoice'],
  pay: ['pay_invoice', 'lookup_invoice'],
  read: ['get_balance', 'lookup_invoice'],
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
  const list = await methodsOf(service, info);
  const { methods } = list;
  const isUnbounded = methods.includes('pay_invoice') && !(await hasBudget(service, methods));
  return {
    kind: 'nwc',
    network: info === null ? null : networkOf(info),
    can: powersOf(list),
    excess: {
      receive: excessOf(list, 'receive'),
      pay: excessOf(list, 'pay', isUnbounded ? [NO_BUDGET] : []),
      read: excessOf(list, 'read'),
    },
    missing: { receive: missingIn(list, 'receive'), pay: missingIn(list, 'pay'), read: missingIn(list, 'read') },
    howToNarrow: HOW_TO_NARROW,
  };
}

/** `null` where nothing of it is listed, in a list that is not whole. */
function excessOf({ methods, isWhole }: MethodList, role: WalletRole, more: readonly string[] = []): string[] | null {
  const beyond = methods.filter((method) => !ENOUGH[role].has(method));
  const excess = [...beyond.map((method) => foreignWords(method, LONGEST_NAME)), ...more];
  return isWhole || excess.length > 0 ? excess : null;
}

/** A list that is not whole proves nothing by what it lacks. */
function missingIn({ methods, isWhole }: MethodList, role: WalletRole): string[] {
  return isWhole ? WANTED[role].filter((method) => !methods.includes(method)) : [];
}

/** What the methods of a connection allow. One that nobody knows is taken to administer; a list that is not whole proves nothing by what it lacks. */
function powersOf({ methods, isWhole }: MethodList): CredentialPowers {
  const any = (allows: (method: string) => boolean): boolean | null => methods.some(allows) || (isWhole ? false : null);
  return {
    pay: any((method) => PAYING.test(method)),
    createInvoice: any((method) => RECEIVING.has(method)),
    read: any((method) => READING.has(method)),
    administer: any(isAdministering),
  };
}

/** Among them other connections (`create_connection`), and the node's own name under a text (`sign_message`). */
function isAdministering(method: string): boolean {
  return !PAYING.test(method) && !RECEIVING.has(method) && !READING.has(method) && !HARMLESS.has(method);
}

interface MethodList {
  readonly methods: readonly string[];
  /** False where there is nothing in it, or something that is no name. */
  readonly isWhole: boolean;
}

/** `get_info` lists what this connection may do; the info event what the service can do for anybody. */
async function methodsOf(service: NwcService, info: Json | null): Promise<MethodList> {
  const told = info?.['methods'];
  const list: readonly unknown[] = Array.isArray(told) ? told : (await service.info()).methods;
  const methods = list.filter((method): method is string => typeof method === 'string');
  return { methods, isWhole: methods.length > 0 && methods.length === list.length };
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
