import { createEgress, type Egress } from '@satway/egress';
import type { ReceivingWallet, SettledNotice } from '@satway/wallets';
import { createPhoenixdIssuer } from '@satway/wallets/phoenixd';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeLightning } from './fake-lightning.js';
import { FakePhoenixd } from './fake-phoenixd.js';

let lightning: FakeLightning;
let daemon: FakePhoenixd;
let egress: Egress;
let issuer: ReceivingWallet;
let heard: SettledNotice[];
beforeEach(async () => {
  lightning = new FakeLightning();
  daemon = await new FakePhoenixd(lightning).start();
  egress = createEgress();
  issuer = createPhoenixdIssuer({ url: daemon.url, password: daemon.limitedPassword, egress });
  heard = [];
});
afterEach(async () => {
  await issuer.close();
  await egress.close();
  await daemon.kill();
});

const follow = () => issuer.onSettled?.((notice) => void heard.push(notice)) ?? (() => undefined);
const create = () => issuer.create({ amountMsat: 3000, description: 'one call', expirySeconds: 600 });
const until = (condition: () => boolean) => vi.waitFor(() => expect(condition()).toBe(true), { timeout: 20_000 });
const listening = () => until(() => daemon.listeners === 1);
const pay = (paymentHashHex: string) => lightning.send(paymentHashHex, 3000);
const lookUps = () => daemon.calls.filter(({ path }) => path.startsWith('/payments/incoming/')).length;

describe('news of settlements', () => {
  it('comes over the WebSocket, with what the payer gave', async () => {
    follow();
    await listening();
    const issued = await create();
    daemon.ledger.nextLiquidityFeeMsat = 1234;
    await pay(issued.paymentHashHex);
    await until(() => heard.length === 1);
    expect(heard).toEqual([{ paymentHashHex: issued.paymentHashHex, amountReceivedMsat: 3000 }]);
  });

  it('comes of what somebody else issued, too', async () => {
    follow();
    await listening();
    const terms = { amountMsat: 3000, description: 'x', expirySeconds: 600, externalId: null };
    const { paymentHash } = daemon.ledger.createInvoice(terms);
    await pay(paymentHash);
    await until(() => heard.length === 1);
    expect(heard[0]?.paymentHashHex).toBe(paymentHash);
  });

  it('is not missed for having come before the connection, or between two', async () => {
    const early = await create();
    await pay(early.paymentHashHex);
    follow();
    await until(() => heard.length === 1);
    await listening();
    const between = await create();
    daemon.takesListeners = false;
    daemon.dropSockets();
    await until(() => daemon.listeners === 0);
    await pay(between.paymentHashHex);
    daemon.takesListeners = true;
    await until(() => heard.length === 2);
    expect(heard.map(({ paymentHashHex }) => paymentHashHex)).toEqual([early.paymentHashHex, between.paymentHashHex]);
  });

  it('comes even where no WebSocket can be made', async () => {
    daemon.takesListeners = false;
    follow();
    const issued = await create();
    await pay(issued.paymentHashHex);
    await until(() => heard.length === 1);
    expect(daemon.listeners).toBe(0);
  });

  it('comes after the daemon was killed and started again', async () => {
    follow();
    await listening();
    const issued = await create();
    await daemon.kill();
    await daemon.start();
    await pay(issued.paymentHashHex);
    await until(() => heard.length === 1);
  });

  it('is not lost with a look-up that fails', async () => {
    follow();
    await listening();
    const issued = await create();
    daemon.addFault({ path: '/payments/incoming/', before: () => ({ status: 500, body: 'database is locked' }) });
    await pay(issued.paymentHashHex);
    await until(() => heard.length === 1);
    expect(lookUps()).toBe(2);
  });

  it('ends when it is told to, and with the wallet', async () => {
    const stop = follow();
    await listening();
    stop();
    await until(() => daemon.listeners === 0);
    await pay((await create()).paymentHashHex);
    follow();
    await listening();
    await issuer.close();
    await until(() => daemon.listeners === 0);
    const other = createPhoenixdIssuer({ url: daemon.url, password: daemon.limitedPassword, egress });
    const last = await other.create({ amountMsat: 3000, description: 'one call', expirySeconds: 600 });
    await pay(last.paymentHashHex);
    expect(heard.map(({ paymentHashHex }) => paymentHashHex)).not.toContain(last.paymentHashHex);
    await other.close();
  });
});

it('news that are told to stop before they have begun leave no connection behind', async () => {
  follow()();
  await until(() => daemon.connections === 1);
  await until(() => daemon.listeners === 0);
});

describe('what is said on the WebSocket', () => {
  it('is no proof: what has not settled is not told', async () => {
    follow();
    await listening();
    const open = await create();
    for (const paymentHash of [open.paymentHashHex, 'ab'.repeat(32)]) {
      daemon.tell(JSON.stringify({ type: 'payment_received', amountSat: 3, paymentHash }));
    }
    const settled = await create();
    await pay(settled.paymentHashHex);
    await until(() => heard.length > 0);
    expect(heard.map(({ paymentHashHex }) => paymentHashHex)).toEqual([settled.paymentHashHex]);
  });

  it.each([
    '',
    '{',
    '[]',
    'null',
    '{"type":"payment_received"}',
    '{"type":"payment_received","paymentHash":7}',
    `{"type":"payment_received","paymentHash":"${'AB'.repeat(32)}"}`,
    '{"type":"payment_received","paymentHash":"../../getbalance"}',
    `{"type":"something_new","paymentHash":"${'cd'.repeat(32)}"}`,
    '{"__proto__":{"type":"payment_received"}}',
  ])('may be %s, of which nothing comes', async (text) => {
    follow();
    await listening();
    daemon.calls.length = 0;
    daemon.tell(text);
    const settled = await create();
    await pay(settled.paymentHashHex);
    await until(() => heard.length === 1);
    expect(lookUps()).toBe(1);
  });

  it('may be a flood, of which a part becomes one question after the other', async () => {
    follow();
    await listening();
    daemon.calls.length = 0;
    let release = (): void => undefined;
    const held = new Promise<null>((resolve) => (release = () => resolve(null)));
    daemon.addFault({ path: '/payments/incoming/', before: () => held });
    for (let index = 0; index < 5_000; index += 1) {
      const paymentHash = index.toString(16).padStart(64, '0');
      daemon.tell(JSON.stringify({ type: 'payment_received', paymentHash }));
    }
    await daemon.heardAll();
    await until(() => lookUps() === 1);
    release();
    await until(() => lookUps() > 2_000);
    const settled = await create();
    await pay(settled.paymentHashHex);
    await until(() => heard.length === 1);
    expect(lookUps()).toBeLessThan(2_010);
  });

  it('may be longer than anything that phoenixd says, and then the connection is made anew', async () => {
    follow();
    await listening();
    daemon.tell(`"${'x'.repeat(100_000)}"`);
    await until(() => daemon.listeners === 0);
    await listening();
    const settled = await create();
    await pay(settled.paymentHashHex);
    await until(() => heard.length === 1);
  });
});
