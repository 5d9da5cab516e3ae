import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as passTime } from 'node:timers/promises';
import type { PayingWallet, WalletRole } from '@satway/wallets';
import { connectLndPayer, createLndIssuer, diagnoseLndPayment, inspectLnd } from '@satway/wallets/lnd';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { withCaveat } from '../../packages/wallets/test/lnd/macaroons.js';
import {
  addHeldInvoice,
  addInvoice,
  type LndNode,
  parseJson,
  type RegtestNetwork,
  runLncli,
  sendRequest,
  startRegtestNetwork,
  urlSafe,
  waitUntil,
} from './network/index.js';

const page = readFileSync(new URL('../../docs/wallets/lnd.md', import.meta.url), 'utf8');
const LIMITS = { feeLimitMsat: 10_000, timeoutMs: 30_000 };

let network: RegtestNetwork;
let seller: LndNode;
let buyer: LndNode;

beforeAll(async () => {
  network = await startRegtestNetwork();
  ({ seller, buyer } = network.nodes);
});

beforeEach(() => network.canPay());

afterAll(() => network?.stop());

/** Runs the command of the documentation that writes this file, as it stands there; hex of what it baked. */
async function bakeByRecipe(node: LndNode, file: string, more = ''): Promise<string> {
  const command = page.split('\n').find((line) => line.startsWith('lncli bakemacaroon') && line.includes(` ${file} `));
  if (command === undefined) throw new Error(`the page has no recipe for ${file}`);
  await runLncli(node, `${command} ${more}`, network.folder);
  return readFileSync(join(network.folder, file)).toString('hex');
}

const at = (node: LndNode, macaroonHex: string) => ({
  url: node.restUrl,
  tlsCertFile: node.tlsCertPath,
  macaroonHex,
});
const stock = (node: LndNode, file: string): string =>
  readFileSync(join(dirname(node.adminMacaroonPath), file)).toString('hex');
const soldMsat = async (): Promise<number> => (await network.settledBalancesMsat()).sellerMsat;

type Call = readonly [method: string, path: string, body?: unknown];
const SEND: Call = ['POST', '/v2/router/send', {}];
const OLDER_SEND: Call = ['POST', '/v1/channels/transactions', {}];
const SEND_TO_ROUTE: Call = ['POST', '/v2/router/route/send', {}];
const ADD_INVOICE: Call = ['POST', '/v1/invoices', { value: '1' }];
const HOLD: Call = ['POST', '/v2/invoices/hodl', {}];
const LOOK_UP_INVOICE: Call = ['GET', `/v1/invoice/${'00'.repeat(32)}`];
const LIST_INVOICES: Call = ['GET', '/v1/invoices'];
const LIST_PAYMENTS: Call = ['GET', '/v1/payments'];
const TRACK: Call = ['GET', `/v2/router/track/${urlSafe(Buffer.alloc(32).toString('base64'))}`];
const INFO: Call = ['GET', '/v1/getinfo'];
const BALANCE: Call = ['GET', '/v1/balance/channels'];
const CHANNELS: Call = ['GET', '/v1/channels'];
/** What nobody but the node's owner may do. */
const OWNERS: readonly Call[] = [
  ['GET', '/v1/newaddress'],
  ['GET', '/v1/balance/blockchain'],
  ['POST', '/v1/transactions', { addr: 'x', amount: '1' }],
  ['POST', '/v1/channels', {}],
  ['POST', '/v1/chanpolicy', {}],
  ['POST', '/v1/peers', {}],
  ['POST', '/v1/macaroon', { permissions: [{ entity: 'offchain', action: 'write' }] }],
  ['POST', '/v1/signmessage', { msg: 'eA==' }],
  ['DELETE', '/v1/payments?all_payments=true'],
];

async function expectRefused(node: LndNode, macaroonHex: string, calls: readonly Call[]): Promise<void> {
  for (const [method, path, body] of calls) {
    const answer = await node.ask(method, path, body, macaroonHex);
    const told = parseJson<{ message?: string; error?: { message: string } }>(answer.body);
    expect(told.error?.message ?? told.message, `${method} ${path}`).toBe('permission denied');
  }
}

async function expectExactly(node: LndNode, macaroonHex: string, role: WalletRole): Promise<void> {
  const { excess, missing } = await inspectLnd(at(node, macaroonHex));
  expect({ excess: excess[role], missing: missing?.[role] }).toEqual({ excess: [], missing: [] });
}

describe('the recipes of the documentation, executed on a real node', () => {
  it('for the buyer: it pays, looks up, tells the balance and diagnoses, and does nothing else', async () => {
    const macaroonHex = await bakeByRecipe(buyer, 'pay.macaroon');
    const before = await network.settledBalancesMsat();
    const payer = await connectLndPayer(at(buyer, macaroonHex));
    const bill = await addInvoice(seller, 11_001);
    const outcome = await payer.pay({ ...bill, amountMsat: 11_001, ...LIMITS });
    expect(outcome).toMatchObject({ state: 'settled', amountMsat: 11_001, feeMsat: 0 });
    expect(await payer.lookUp(bill.paymentHashHex)).toEqual(outcome);
    expect(await network.settledBalancesMsat()).toEqual({
      sellerMsat: before.sellerMsat + 11_001,
      buyerMsat: before.buyerMsat - 11_001,
    });
    expect(await payer.balance()).toEqual({ spendableMsat: before.buyerMsat - 11_001 });
    expect(await diagnoseLndPayment(at(buyer, macaroonHex), bill.paymentHashHex)).toMatchObject({ verdict: 'settled' });
    expect((await inspectLnd(at(buyer, macaroonHex))).can).toEqual({
      pay: true,
      createInvoice: false,
      read: true,
      administer: false,
    });
    await expectExactly(buyer, macaroonHex, 'pay');
    const beyond = [OLDER_SEND, SEND_TO_ROUTE, ADD_INVOICE, HOLD, LOOK_UP_INVOICE, LIST_INVOICES, LIST_PAYMENTS];
    await expectRefused(buyer, macaroonHex, [...beyond, ...OWNERS]);
  });

  it('for the seller: it makes, follows and looks up invoices, and does nothing else', async () => {
    const macaroonHex = await bakeByRecipe(seller, 'invoice.macaroon');
    const issuer = createLndIssuer(at(seller, macaroonHex));
    const heard: string[] = [];
    const stop = issuer.onSettled?.(({ paymentHashHex }) => void heard.push(paymentHashHex));
    const bill = await issuer.create({ amountMsat: 4_000, description: 'one call', expirySeconds: 600 });
    await buyer.ask('POST', '/v2/router/send', sendRequest(bill.invoice));
    await waitUntil('the settlement is told', async () => heard.includes(bill.paymentHashHex));
    stop?.();
    expect(await issuer.lookUp(bill.paymentHashHex)).toMatchObject({ state: 'settled', amountReceivedMsat: 4_000 });
    expect(await issuer.receivableMsat()).toBeNull();
    expect(await inspectLnd(at(seller, macaroonHex))).toMatchObject({
      network: null,
      can: { pay: false, createInvoice: true, read: true, administer: false },
    });
    await expectExactly(seller, macaroonHex, 'receive');
    const beyond = [
      SEND,
      OLDER_SEND,
      SEND_TO_ROUTE,
      HOLD,
      LIST_INVOICES,
      LIST_PAYMENTS,
      TRACK,
      INFO,
      BALANCE,
      CHANNELS,
    ];
    await expectRefused(seller, macaroonHex, [...beyond, ...OWNERS]);
    await issuer.close();
  });

  it('for the seller with the addition that the page names: it tells what can be received', async () => {
    const macaroonHex = await bakeByRecipe(seller, 'invoice.macaroon', 'uri:/lnrpc.Lightning/ChannelBalance');
    const { remoteMsat } = await seller.balancesMsat();
    expect(await createLndIssuer(at(seller, macaroonHex)).receivableMsat()).toBe(remoteMsat);
    await expectExactly(seller, macaroonHex, 'receive');
  });

  it('for reading: it sees balance and payments, and no invoice, whose preimage it could forge a proof with', async () => {
    const bill = await addInvoice(seller, 1_000);
    const macaroonHex = await bakeByRecipe(seller, 'read.macaroon');
    const reader = await connectLndPayer(at(seller, macaroonHex));
    expect(await reader.balance()).toEqual({ spendableMsat: (await seller.balancesMsat()).localMsat });
    expect(await reader.lookUp(bill.paymentHashHex)).toMatchObject({ state: 'notFound' });
    expect((await seller.ask('GET', '/v1/payments', undefined, macaroonHex)).status).toBe(200);
    expect(await inspectLnd(at(seller, macaroonHex))).toMatchObject({
      network: 'regtest',
      can: { pay: false, createInvoice: false, read: true, administer: false },
    });
    await expectExactly(seller, macaroonHex, 'read');
    const invoice: Call = ['GET', `/v1/invoice/${bill.paymentHashHex}`];
    const subscribe: Call = ['GET', '/v1/invoices/subscribe?add_index=1'];
    const beyond = [invoice, subscribe, LIST_INVOICES, SEND, OLDER_SEND, SEND_TO_ROUTE, ADD_INVOICE, HOLD];
    await expectRefused(seller, macaroonHex, [...beyond, ...OWNERS]);
  });

  it('of the node itself can do more than their names say', async () => {
    const told = async (file: string) => inspectLnd(at(seller, stock(seller, file)));
    expect(await told('admin.macaroon')).toMatchObject({
      network: 'regtest',
      can: { pay: true, createInvoice: true, read: true, administer: true },
    });
    const invoice = await told('invoice.macaroon');
    expect(invoice.can).toEqual({ pay: false, createInvoice: true, read: true, administer: false });
    expect(invoice.excess.receive).toEqual(['address:read', 'address:write', 'onchain:read']);
    const readonly = await told('readonly.macaroon');
    expect(readonly.can).toEqual({ pay: false, createInvoice: false, read: true, administer: false });
    expect(readonly.excess.read).toContain('invoices:read');
  });

  it('end when their root key is deleted or their time has passed, for every call', async () => {
    const deleting = page.split('\n').find((line) => line.startsWith('lncli deletemacaroonid')) ?? '';
    const ended = [
      await bakeByRecipe(buyer, 'pay.macaroon'),
      await bakeByRecipe(buyer, 'pay.macaroon', '').then((hex) => withCaveat(hex, 'time-before 2020-01-01T00:00:00Z')),
    ];
    const lasting = await bakeByRecipe(buyer, 'read.macaroon', '--timeout 3600');
    await runLncli(buyer, deleting, network.folder);
    for (const macaroonHex of ended) {
      await expect(connectLndPayer(at(buyer, macaroonHex))).rejects.toMatchObject({ code: 'WALLET_PERMISSION_DENIED' });
      await expect(inspectLnd(at(buyer, macaroonHex))).rejects.toMatchObject({ code: 'WALLET_PERMISSION_DENIED' });
    }
    expect((await inspectLnd(at(buyer, lasting))).can.read).toBe(true);
  });
});

describe('two recipes that are often copied', () => {
  const OLDER = ['/lnrpc.Lightning/SendPaymentSync', '/lnrpc.Lightning/DecodePayReq'];
  const olderPayer = async (...more: string[]): Promise<PayingWallet> =>
    connectLndPayer(at(buyer, await buyer.bakeMacaroon([...OLDER, '/lnrpc.Lightning/GetInfo', ...more], 104)));
  const pay = (payer: PayingWallet, bill: { invoice: string; paymentHashHex: string }, amountMsat: number, more = {}) =>
    payer.pay({ ...bill, amountMsat, ...LIMITS, ...more });

  it('are refused by the newer call and pay through the older one, to the millisatoshi', async () => {
    const payer = await olderPayer();
    const before = await network.settledBalancesMsat();
    const bill = await addInvoice(seller, 7_777);
    expect(await pay(payer, bill, 7_777)).toMatchObject({ state: 'settled', amountMsat: 7_777, feeMsat: 0 });
    expect(await network.settledBalancesMsat()).toEqual({
      sellerMsat: before.sellerMsat + 7_777,
      buyerMsat: before.buyerMsat - 7_777,
    });
    const { can, missing } = await inspectLnd(at(buyer, await buyer.bakeMacaroon(OLDER, 104)));
    expect(can).toMatchObject({ pay: true, createInvoice: false, administer: false });
    expect(missing?.pay).toContain('uri:/routerrpc.Router/TrackPaymentV2');
  });

  it('cannot look a payment up, and one that was sent before is not sent again', async () => {
    const payer = await olderPayer();
    const bill = await addInvoice(seller, 3_000);
    expect((await pay(payer, bill, 3_000)).state).toBe('settled');
    const before = await soldMsat();
    await expect(payer.lookUp(bill.paymentHashHex)).rejects.toMatchObject({
      code: 'WALLET_PERMISSION_DENIED',
      detail: expect.stringContaining('TrackPaymentV2'),
    });
    const fresh = await addInvoice(seller, 3_000);
    expect((await pay(payer, fresh, 3_000, { mayHaveBeenSentBefore: true })).state).toBe('unknown');
    // By another process, say: the hash is in LND's records, and a first request of ours proves nothing.
    expect((await pay(payer, bill, 3_000)).state).toBe('unknown');
    await expect(payer.balance()).rejects.toMatchObject({
      facts: { missingPermission: 'uri:/lnrpc.Lightning/ChannelBalance' },
    });
    expect(await soldMsat()).toBe(before);
  });

  it('fail where LND says so in the listed words, and are held to the fee limit', async () => {
    const payer = await olderPayer();
    const cancelled = await addInvoice(seller, 2_000);
    await seller.call('POST', '/v2/invoices/cancel', { payment_hash: cancelled.paymentHashBase64 });
    expect(await pay(payer, cancelled, 2_000)).toMatchObject({ state: 'failed', reason: 'incorrect_payment_details' });
    const tooMuch = await addInvoice(seller, 9_900_000_000);
    expect(await pay(payer, tooMuch, 9_900_000_000)).toMatchObject({ state: 'failed', reason: 'insufficient_balance' });
    const expired = await addInvoice(seller, 2_000, { expiry: '1' });
    await passTime(2_100);
    expect(await pay(payer, expired, 2_000)).toMatchObject({ state: 'failed', reason: 'expired' });
  });

  it('say nothing certain when the answer is lost or the node shuts down with the payment held', async () => {
    const payer = await olderPayer();
    const before = await soldMsat();
    const held = await addHeldInvoice(seller, 5_000);
    const paying = pay(payer, held, 5_000);
    const path = `/v1/invoice/${held.paymentHashHex}`;
    await waitUntil('the money is held', async () => (await seller.ask('GET', path)).body.includes('ACCEPTED'));
    await buyer.stop('SIGTERM');
    expect((await paying).state).toBe('unknown');
    await buyer.start();
    await held.settle();
    await waitUntil('the seller has it', async () => (await seller.ask('GET', path)).body.includes('SETTLED'));
    await network.canPay();
    expect(await soldMsat()).toBe(before + 5_000 + 1_000);
  });

  it('without GetInfo are refused at the start, with the permission to add', async () => {
    const macaroonHex = await buyer.bakeMacaroon(OLDER, 104);
    await expect(connectLndPayer(at(buyer, macaroonHex))).rejects.toMatchObject({
      code: 'WALLET_PERMISSION_DENIED',
      facts: { missingPermission: 'uri:/lnrpc.Lightning/GetInfo' },
    });
  });

  it('with ListPayments find a payment in the list of all', async () => {
    const payer = await olderPayer('/lnrpc.Lightning/ListPayments');
    const bill = await addInvoice(seller, 6_000);
    const outcome = await pay(payer, bill, 6_000);
    expect(outcome.state).toBe('settled');
    expect(await payer.lookUp(bill.paymentHashHex)).toEqual(outcome);
    const unknown = await addInvoice(seller, 6_000);
    expect(await payer.lookUp(unknown.paymentHashHex)).toMatchObject({ state: 'notFound' });
    const held = await addHeldInvoice(seller, 6_000);
    const paying = pay(payer, held, 6_000);
    await waitUntil('it is in flight', async () => (await payer.lookUp(held.paymentHashHex)).state === 'inFlight');
    await held.cancel();
    expect(await paying).toMatchObject({ state: 'failed', reason: 'incorrect_payment_details' });
    expect(await payer.lookUp(held.paymentHashHex)).toMatchObject({ state: 'failed' });
  });
});

describe('a caveat that is thought to bound what a macaroon spends', () => {
  it.each([
    ['as lncli writes it', '--custom_caveat_name max_send_amount --custom_caveat_condition 1000'],
    ['as recipes write it', ''],
  ])('bounds nothing: it makes every call fail, %s', async (_form, options) => {
    const baked = await bakeByRecipe(buyer, 'pay.macaroon', options);
    const macaroonHex = options === '' ? withCaveat(baked, 'max_send_amount=1000') : baked;
    const words = options === '' ? /caveat not recognized/ : /no middleware registered to handle it/;
    const denied = { code: 'WALLET_PERMISSION_DENIED', detail: expect.stringMatching(words) };
    await expect(connectLndPayer(at(buyer, macaroonHex))).rejects.toMatchObject(denied);
    await expect(inspectLnd(at(buyer, macaroonHex))).rejects.toMatchObject(denied);
    for (const [method, path, body] of [SEND, INFO, BALANCE, TRACK, CHANNELS]) {
      expect((await buyer.ask(method, path, body, macaroonHex)).body).toMatch(words);
    }
  });
});
