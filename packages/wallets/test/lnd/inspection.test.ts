import { createEgress, type Egress } from '@satway/egress';
import { inspectLnd } from '@satway/wallets/lnd';
import {
  createSandboxNetwork,
  type SandboxLndServer,
  type SandboxNetwork,
  startSandboxLndServer,
} from '@satway/wallets/sandbox';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { macaroonOfMethods, macaroonOfNames, withCaveat } from './macaroons.js';
import { type RawServer, startRawServer, targetOf, unary, unaryError } from './raw-server.js';

let egress: Egress;
beforeAll(() => {
  egress = createEgress();
});
afterAll(() => egress.close());

const SEND = 'POST /v2/router/send';
const SEND_SYNC = 'POST /v1/channels/transactions';
const ADD = 'POST /v1/invoices';
/** What a real node says to a malformed call that a macaroon allows. */
const ALLOWED: Readonly<Record<string, string>> = {
  [SEND]: 'invalid vertex length of 0, want 33',
  [SEND_SYNC]: 'invalid key length',
  [ADD]: 'amount cannot be negative',
};

describe('what a macaroon may do, as the sandbox shows', () => {
  let network: SandboxNetwork;
  let server: SandboxLndServer;
  beforeAll(async () => {
    network = createSandboxNetwork();
    network.addNode('shop', { balanceMsat: 1_000_000 });
    server = await startSandboxLndServer(network);
  });
  afterAll(async () => {
    await server.close();
    network.close();
  });
  const inspect = (kind: 'admin' | 'invoice' | 'pay' | 'read', caveat?: string) => {
    const baked = server.macaroonHex('shop', kind);
    const macaroonHex = caveat === undefined ? baked : withCaveat(baked, caveat);
    return inspectLnd({ url: server.url, egress, macaroonHex });
  };

  it.each([
    ['admin', { pay: true, createInvoice: true, read: true, administer: true }, 'regtest'],
    ['invoice', { pay: false, createInvoice: true, read: true, administer: false }, null],
    ['pay', { pay: true, createInvoice: false, read: true, administer: false }, 'regtest'],
    ['read', { pay: false, createInvoice: false, read: true, administer: false }, 'regtest'],
  ] as const)('%s', async (kind, can, onNetwork) => {
    expect(await inspect(kind)).toMatchObject({ kind: 'lnd', network: onNetwork, can });
  });

  it('is neither more nor less than its role needs, where it was baked for it', async () => {
    expect(await inspect('invoice')).toMatchObject({ excess: { receive: [] }, missing: { receive: [] } });
    expect(await inspect('pay')).toMatchObject({ excess: { pay: [] }, missing: { pay: [] } });
    expect(await inspect('read')).toMatchObject({ excess: { read: [] }, missing: { read: [] } });
  });

  it('names for each role what is beyond it, and what it lacks', async () => {
    const admin = await inspect('admin');
    expect(admin.excess.receive).toEqual(expect.arrayContaining(['offchain:write', 'onchain:write', 'address:write']));
    expect(admin.excess.pay).toEqual(expect.arrayContaining(['offchain:write', 'macaroon:generate', 'invoices:read']));
    expect(admin.excess.read).toEqual(expect.arrayContaining(['invoices:read', 'onchain:read', 'signer:generate']));
    const payer = await inspect('pay');
    expect(payer.excess.receive).toContain('uri:/routerrpc.Router/SendPaymentV2');
    expect(payer.missing?.receive).toEqual([
      'uri:/lnrpc.Lightning/AddInvoice',
      'uri:/lnrpc.Lightning/LookupInvoice',
      'uri:/lnrpc.Lightning/SubscribeInvoices',
    ]);
    expect((await inspect('invoice')).excess.read).toEqual(
      expect.arrayContaining(['uri:/lnrpc.Lightning/AddInvoice', 'uri:/lnrpc.Lightning/LookupInvoice']),
    );
  });

  it('moves nothing, creates nothing and tells no secret', async () => {
    const before = network.lightning.listInvoices('shop').length;
    const told = JSON.stringify(await inspect('admin'));
    expect(network.lightning.listInvoices('shop')).toHaveLength(before);
    expect(network.lightning.listPayments('shop')).toEqual([]);
    expect(network.lightning.node('shop').balanceMsat).toBe(1_000_000);
    expect(told).not.toContain(server.macaroonHex('shop', 'admin').slice(-64));
  });

  it('is nothing at all for one that the node does not take: its time has passed, or a caveat that no node judges', async () => {
    const caveats: readonly [caveat: string, words: string][] = [
      ['time-before 2020-01-01T00:00:00Z', 'not satisfied'],
      ['lnd-custom max_send_amount 1000', 'not satisfied'],
      ['max_send_amount=1000', 'not satisfied'],
      [' max_send_amount=1000', 'cannot parse caveat'],
    ];
    for (const [caveat, words] of caveats) {
      const denied = { code: 'WALLET_PERMISSION_DENIED', detail: expect.stringContaining(words) };
      await expect(inspect('admin', caveat)).rejects.toMatchObject(denied);
    }
  });
});

describe('what a macaroon may do, where no sandbox bakes one', () => {
  let server: RawServer;
  beforeEach(async () => {
    server = await startRawServer();
    allows();
  });
  afterEach(() => server.close());
  /** A node that lets these calls through and no others. */
  const allows = (...calls: string[]): void => {
    server.script = (socket, request) => {
      const call = targetOf(request);
      socket.write(unaryError(calls.includes(call) ? (ALLOWED[call] ?? '') : 'permission denied'));
    };
  };
  const inspect = (macaroonHex: string) => inspectLnd({ url: server.url, egress, macaroonHex });

  it('is asked by three malformed calls', async () => {
    await inspect(macaroonOfNames('info:read'));
    const asked = server.requests.map((request) => `${targetOf(request)} ${request.body}`);
    expect(asked.sort()).toEqual([`${SEND_SYNC} {}`, `${ADD} {"value":"-1"}`, `${SEND} {}`].sort());
  });

  it.each([
    'macaroon:generate',
    'macaroon:write',
    'onchain:write',
    'offchain:write',
    'peers:write',
    'info:write',
    'message:write',
    'signer:generate',
    'loop:out',
    'uri:/lnrpc.Lightning/BakeMacaroon',
    'uri:/lnrpc.Lightning/SendCoins',
    'uri:/lnrpc.Lightning/OpenChannelSync',
    'uri:/lnrpc.Lightning/CloseChannel',
    'uri:/lnrpc.Lightning/ConnectPeer',
    'uri:/lnrpc.Lightning/StopDaemon',
    'uri:/lnrpc.Lightning/SignMessage',
    'uri:/lnrpc.Lightning/UpdateChannelPolicy',
    'uri:/lnrpc.Lightning/DeletePayment',
    'uri:/lnrpc.Lightning/RegisterRPCMiddleware',
    'uri:/routerrpc.Router/HtlcInterceptor',
    'uri:/invoicesrpc.Invoices/HtlcModifier',
    'uri:/signrpc.Signer/SignOutputRaw',
    'uri:/walletrpc.WalletKit/SendOutputs',
    'uri:/some.Service/NobodyKnows',
  ])('administers with %s', async (name) => {
    const { can, excess } = await inspect(macaroonOfNames(name));
    expect(can.administer).toBe(true);
    for (const role of ['receive', 'pay', 'read'] as const) expect(excess[role]).toEqual([name]);
  });

  it.each([
    'address:read',
    'address:write',
    'info:read',
    'peers:read',
    'macaroon:read',
    'message:read',
    'signer:read',
    'uri:/lnrpc.Lightning/GetInfo',
    'uri:/lnrpc.Lightning/DecodePayReq',
    'uri:/lnrpc.Lightning/NewAddress',
    'uri:/lnrpc.Lightning/QueryRoutes',
    'uri:/verrpc.Versioner/GetVersion',
  ])('neither administers nor sees money with %s', async (name) => {
    expect((await inspect(macaroonOfNames(name))).can).toEqual({
      pay: false,
      createInvoice: false,
      read: false,
      administer: false,
    });
  });

  it.each([
    'offchain:read',
    'onchain:read',
    'invoices:read',
    'uri:/lnrpc.Lightning/ChannelBalance',
    'uri:/lnrpc.Lightning/ListPayments',
    'uri:/lnrpc.Lightning/LookupInvoice',
    'uri:/routerrpc.Router/TrackPaymentV2',
  ])('reads with %s, and does nothing else', async (name) => {
    expect((await inspect(macaroonOfNames(name))).can).toEqual({
      pay: false,
      createInvoice: false,
      read: true,
      administer: false,
    });
  });

  it.each([
    'uri:/lnrpc.Lightning/SendToRouteSync',
    'uri:/routerrpc.Router/SendToRouteV2',
    'uri:/lnrpc.Lightning/SendPayment',
  ])('pays with %s, too, which cannot be tried without harm', async (name) => {
    expect((await inspect(macaroonOfNames(name))).can).toMatchObject({ pay: true, administer: false });
  });

  it.each([
    ['cannot be read', '00ff'],
    ['is of another kind than LND’s', Buffer.from('0201036c6e64000000', 'hex').toString('hex')],
  ])('is not known to be small where it %s', async (_what, macaroonHex) => {
    allows(SEND);
    const { can, excess } = await inspect(macaroonHex);
    expect(can).toEqual({ pay: true, createInvoice: null, read: null, administer: null });
    expect(excess).toEqual({ pay: null, receive: null, read: null });
  });

  it('of the stock kind for invoices gives addresses and shows on-chain money, which a seller has no use for', async () => {
    allows(ADD);
    const stock = ['address:read', 'address:write', 'invoices:read', 'invoices:write', 'onchain:read'];
    const { can, excess } = await inspect(macaroonOfNames(...stock));
    expect(can).toEqual({ pay: false, createInvoice: true, read: true, administer: false });
    expect(excess.receive).toEqual(['address:read', 'address:write', 'onchain:read']);
  });

  it('for reading names every power over invoices, since whoever reads them can forge proofs', async () => {
    const names = ['uri:/lnrpc.Lightning/LookupInvoice', 'uri:/lnrpc.Lightning/ListInvoices', 'invoices:read'];
    const { excess, howToNarrow } = await inspect(macaroonOfNames(...names, 'offchain:read'));
    expect(excess.read).toEqual(names);
    expect(howToNarrow.read).toContain('forge proofs');
  });

  it('for the older way to pay can pay, and lacks what finds a lost answer again', async () => {
    allows(SEND_SYNC);
    const { can, excess, missing } = await inspect(
      macaroonOfMethods('/lnrpc.Lightning/SendPaymentSync', '/lnrpc.Lightning/DecodePayReq'),
    );
    expect(can).toEqual({ pay: true, createInvoice: false, read: false, administer: false });
    expect(excess.pay).toEqual([]);
    expect(missing?.pay).toEqual([
      'uri:/routerrpc.Router/SendPaymentV2',
      'uri:/routerrpc.Router/TrackPaymentV2',
      'uri:/lnrpc.Lightning/GetInfo',
      'uri:/lnrpc.Lightning/ChannelBalance',
    ]);
  });

  it('is known by what the node shows, even where the macaroon cannot be read', async () => {
    allows(SEND, ADD);
    expect((await inspect('00ff')).can).toEqual({ pay: true, createInvoice: true, read: null, administer: null });
    allows();
    expect((await inspect('00ff')).can).toEqual({ pay: null, createInvoice: null, read: null, administer: null });
  });

  it('is told with the command that bakes the right one', async () => {
    const { howToNarrow } = await inspect(macaroonOfNames('info:read'));
    expect(howToNarrow.receive).toContain(
      'lncli bakemacaroon --root_key_id 102 --save_to invoice.macaroon uri:/lnrpc.Lightning/AddInvoice uri:/lnrpc.Lightning/LookupInvoice uri:/lnrpc.Lightning/SubscribeInvoices',
    );
    expect(howToNarrow.pay).toContain('lncli bakemacaroon --root_key_id 101 ');
    expect(howToNarrow.read).not.toMatch(/uri:\S*(Lookup|List)Invoice/);
  });

  it('is not known while the node starts, which is said in its own state', async () => {
    server.script = (socket, request) => {
      const state = targetOf(request) === 'GET /v1/state';
      const words = 'wallet locked, unlock it to enable full RPC access';
      socket.write(state ? unary(200, '{"state":"LOCKED"}') : unaryError(words));
    };
    await expect(inspect(macaroonOfNames('info:read'))).rejects.toMatchObject({
      code: 'WALLET_UNREACHABLE',
      detail: expect.stringMatching(/locked.*lncli unlock/),
      facts: { walletState: 'LOCKED' },
    });
  });

  it('is not believed of a server that accepts what no LND accepts, or speaks HTML', async () => {
    server.script = (socket) => void socket.write(unary(200, '{}'));
    await expect(inspect(macaroonOfNames('info:read'))).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID' });
    server.script = (socket) => void socket.write(unary(200, '{"message":"invalid key length"}'));
    await expect(inspect(macaroonOfNames('info:read'))).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID' });
    server.script = (socket) => void socket.write(unary(502, '<html>', 'text/html'));
    await expect(inspect(macaroonOfNames('info:read'))).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID' });
  });

  it('stays open for a call that a later LND refuses in other words', async () => {
    server.script = (socket) => void socket.write(unaryError('some new complaint'));
    expect((await inspect(macaroonOfNames('info:read'))).can).toMatchObject({ pay: null, createInvoice: null });
  });
});
