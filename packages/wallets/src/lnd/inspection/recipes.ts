import type { WalletRole } from '../../wallet.js';

interface Recipe {
  readonly rootKeyId: number;
  readonly file: string;
  readonly permissions: readonly string[];
}

/** The macaroon for each role: what the adapter calls and nothing else, each under a root key of its own, by which it can be revoked. */
export const RECIPES: Readonly<Record<WalletRole, Recipe>> = {
  pay: {
    rootKeyId: 101,
    file: 'pay.macaroon',
    permissions: [
      'uri:/routerrpc.Router/SendPaymentV2',
      'uri:/routerrpc.Router/TrackPaymentV2',
      'uri:/lnrpc.Lightning/ChannelBalance',
      'uri:/lnrpc.Lightning/GetInfo',
      'uri:/lnrpc.Lightning/ListChannels',
    ],
  },
  receive: {
    rootKeyId: 102,
    file: 'invoice.macaroon',
    permissions: [
      'uri:/lnrpc.Lightning/AddInvoice',
      'uri:/lnrpc.Lightning/LookupInvoice',
      'uri:/lnrpc.Lightning/SubscribeInvoices',
    ],
  },
  read: {
    rootKeyId: 103,
    file: 'read.macaroon',
    permissions: [
      'uri:/lnrpc.Lightning/GetInfo',
      'uri:/lnrpc.Lightning/ChannelBalance',
      'uri:/lnrpc.Lightning/ListPayments',
      'uri:/routerrpc.Router/TrackPaymentV2',
    ],
  },
};

/** The command that bakes it, as a person runs it on the node. */
export function bakeCommand({ rootKeyId, file, permissions }: Recipe): string {
  return `lncli bakemacaroon --root_key_id ${rootKeyId} --save_to ${file} ${permissions.join(' ')}`;
}

const AFTERTHOUGHT: Readonly<Record<WalletRole, string>> = {
  pay: 'It can pay all that the channels hold, so keep in this node what you are ready to lose.',
  receive: 'It can make and look up invoices, and nothing else.',
  read: 'It leaves LookupInvoice and ListInvoices out: LND shows preimages with open invoices, so whoever reads invoices can forge proofs of payment.',
};

export function howToNarrow(role: WalletRole): string {
  const recipe = RECIPES[role];
  return `Bake one on the node: ${bakeCommand(recipe)} – ${AFTERTHOUGHT[role]} Revoke it with: lncli deletemacaroonid ${recipe.rootKeyId}`;
}
