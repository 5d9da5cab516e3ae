import { decodeInvoice } from '@satway/protocol';
import type { PaymentRecord } from '../../ledger/index.js';
import { pubkeyHexOf, type SandboxLightning } from '../../network/index.js';
import { answer, refusal } from '../answer.js';
import { balanceMessage, channelMessage, infoMessage, payReqMessage, paymentMessage } from '../messages/index.js';
import type { UnaryRoute } from './call.js';
import { lndRefusal } from './send-refusal.js';

export const infoCall: UnaryRoute = {
  kind: 'unary',
  method: 'GET',
  path: '/v1/getinfo',
  permission: { entity: 'info', action: 'read', uri: '/lnrpc.Lightning/GetInfo' },
  fields: [],
  answer({ lightning, node }) {
    const pubkeyHex = pubkeyHexOf(lightning.node(node).privateKeyHex);
    return answer(infoMessage({ name: node, pubkeyHex, nowMs: lightning.now }));
  },
};

export const balanceCall: UnaryRoute = {
  kind: 'unary',
  method: 'GET',
  path: '/v1/balance/channels',
  permission: { entity: 'offchain', action: 'read', uri: '/lnrpc.Lightning/ChannelBalance' },
  fields: [],
  answer({ lightning, node }) {
    const inFlightMsat = inFlightOf(lightning, node).reduce(
      (sum, { amountMsat, feeMsat }) => sum + amountMsat + feeMsat,
      0,
    );
    return answer(balanceMessage(lightning.node(node).balanceMsat, remoteMsatOf(lightning, node), inFlightMsat));
  },
};

export const channelsCall: UnaryRoute = {
  kind: 'unary',
  method: 'GET',
  path: '/v1/channels',
  permission: { entity: 'offchain', action: 'read', uri: '/lnrpc.Lightning/ListChannels' },
  fields: [],
  answer({ lightning, node }) {
    const peer = lightning.nodes().find(({ name }) => name !== node) ?? lightning.node(node);
    const facts = {
      peerHex: pubkeyHexOf(peer.privateKeyHex),
      balanceMsat: lightning.node(node).balanceMsat,
      remoteMsat: remoteMsatOf(lightning, node),
      inFlight: inFlightOf(lightning, node),
    };
    return answer({ channels: [channelMessage(facts)] });
  },
};

function inFlightOf(lightning: SandboxLightning, node: string): PaymentRecord[] {
  return lightning.listPayments(node).filter(({ state }) => state === 'IN_FLIGHT');
}

function remoteMsatOf(lightning: SandboxLightning, node: string): number {
  const others = lightning.nodes().filter(({ name }) => name !== node);
  return others.reduce((sum, { balanceMsat }) => sum + balanceMsat, 0);
}

export const decodeCall: UnaryRoute = {
  kind: 'unary',
  method: 'GET',
  path: '/v1/payreq/*',
  permission: { entity: 'offchain', action: 'read', uri: '/lnrpc.Lightning/DecodePayReq' },
  fields: [],
  answer({ argument }) {
    const decoded = decodeInvoice(argument);
    if (!decoded.ok) return lndRefusal({ kind: 'malformed', detail: decoded.detail }, argument);
    if (decoded.value.network !== 'regtest') return lndRefusal({ kind: 'otherNetwork' }, argument);
    return answer(payReqMessage(decoded.value));
  },
};

export const listPaymentsCall: UnaryRoute = {
  kind: 'unary',
  method: 'GET',
  path: '/v1/payments',
  permission: { entity: 'offchain', action: 'read', uri: '/lnrpc.Lightning/ListPayments' },
  fields: [],
  answer({ lightning, node, query }) {
    const page = pageOf(lightning.listPayments(node), query);
    return answer({
      payments: page.map(paymentMessage),
      first_index_offset: String(page[0]?.paymentIndex ?? 0),
      last_index_offset: String(page.at(-1)?.paymentIndex ?? 0),
      total_num_payments: '0',
    });
  },
};

/** Settled ones only, unless all are asked for; `reversed` takes the newest, which still come oldest first. */
function pageOf(payments: readonly PaymentRecord[], query: URLSearchParams): PaymentRecord[] {
  const sinceMs = Number(query.get('creation_date_start') ?? 0) * 1000;
  const offset = Number(query.get('index_offset') ?? 0);
  const most = Number(query.get('max_payments') ?? 0);
  const reversed = query.get('reversed') === 'true';
  const wanted = payments.filter(
    ({ state, createdAtMs, paymentIndex }) =>
      (state === 'SUCCEEDED' || query.get('include_incomplete') === 'true') &&
      createdAtMs >= sinceMs &&
      (offset === 0 || (reversed ? paymentIndex < offset : paymentIndex > offset)),
  );
  if (most <= 0) return wanted;
  return reversed ? wanted.slice(-most) : wanted.slice(0, most);
}

export const stateCall: UnaryRoute = {
  kind: 'unary',
  method: 'GET',
  path: '/v1/state',
  permission: null,
  fields: [],
  answer: () => answer({ state: 'SERVER_ACTIVE' }),
};

export const NOT_FOUND = refusal(5, 'Not Found');
export const METHOD_NOT_ALLOWED = refusal(12, 'Method Not Allowed');
