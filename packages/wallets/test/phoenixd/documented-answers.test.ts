import { createEgress, type Egress } from '@satway/egress';
import { connectPhoenixdPayer, createPhoenixdIssuer } from '@satway/wallets/phoenixd';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeLightning } from './fake-lightning.js';
import { FakePhoenixd } from './fake-phoenixd.js';

/** The examples of phoenixd's API documentation, as they stand there. */
const EXPIRED = {
  type: 'incoming_payment',
  subType: 'lightning',
  paymentHash: '5307f75da2a466d75c43593f45d4452853ba745860c008c61d3d0d0f24789b6d',
  preimage: 'bfad93c6eff005d7d130a3a88fa7be269da26861063c20ad41e935fd5d174c3f',
  description: '1000 sat expiry 100s',
  invoice:
    'lntb10u1p5960u8pp52vrlwhdz53ndwhzrtyl5t4z99pfm5azcvrqq33sa85xs7frcndkscqzyssp58hpyavx3r39l6z9gnvtxv9pwfc52j2yk2dakxf4rtstfus369f7s9q7sqqqqqqqqqqqqqqqqqqqsqqqqqysgqdpqxycrqvpqwdshggr90pcxjuneyqcnqvrnmqz9gxqzryrzjqwfn3p9278ttzzpe0e00uhyxhned3j5d9acqak5emwfpflp8z2cnfll283f990e4ksqqqqlgqqqqqeqqjqdan93rk672ttjqdpgfznf48zwmw9ustqxt8wsgdxrvqddzwt0pcpwpxfdw6fk3h7yjc4xyhsq4yvslgrce368szx0vp2ev85ph2agvgpr4vfcq',
  isPaid: false,
  isExpired: true,
  requestedSat: 1000,
  receivedSat: 0,
  fees: 0,
  expiresAt: 1_750_941_675_827,
  createdAt: 1_750_941_575_827,
};
const OVERPAID = {
  type: 'incoming_payment',
  subType: 'lightning',
  paymentHash: '595a3f4824254c6fdbf0b07ba5bcc3953abbdce94e583085683d102e5e85338a',
  preimage: 'ccfbc77a825d37a4f82b3a4ff3f278e92a46e232e7310efd5836a6bccf845528',
  description: '1000 sat expiry 250s',
  isPaid: true,
  isExpired: false,
  requestedSat: 1000,
  receivedSat: 1050,
  fees: 0,
  expiresAt: 1_750_942_676_001,
  completedAt: 1_750_942_477_605,
  createdAt: 1_750_942_426_001,
};
const SENT = {
  type: 'outgoing_payment',
  subType: 'lightning',
  paymentId: 'dddfb160-f5dc-4930-b0d9-bc7a2ebf7b21',
  paymentHash: '9727389e1c776f4efb315c4effae02affcb723883d13433ea74cc9e3f2034a93',
  preimage: 'e21f2f734d298a28fb77474ba11510c425566203daa0f9820706d6bfa75e4faa',
  isPaid: true,
  sent: 8,
  fees: 4016,
  invoice:
    'lntb1pne6xpnpp5junn38suwah5a7e3t380ltsz4l7twgug85f5x048fny78usrf2fscqzyssp5d4wueagg7fjetanym9gl0hpu244nclvxv72nmzlj0z2q4lpewsws9q7sqqqqqqqqqqqqqqqqqqqsqqqqqysgqdqqmqz9gxqyjw5qrzjqwfn3p9278ttzzpe0e00uhyxhned3j5d9acqak5emwfpflp8z2cnflcrt90lceflpuqqqqlgqqqqqeqqjq3nk0es2ahydaf9uz32kryn0wsgek0dmzfddy7nr7f007pn5nzdv83jnf3s7u7cvfxq6j4zd3khz86vzam7gfdq38f8earlc6u7fz5wcppg66jj',
  completedAt: 1_738_348_627_503,
  createdAt: 1_738_348_626_053,
};
const BLOCKACCINO =
  'lntb10n1pjl3pmlpp5jkrt9qvl83knc0sg0xztjlw0fd6t40725hdyh3pq0arudswvw8sqcqpjsp5zsc4phrg5v6nl84wkd9vuqzlva22j2qwll28v37y9jgjs7ap2dxs9q7sqqqqqqqqqqqqqqqqqqqsqqqqqysgqdq4xysyymr0vd4kzcmrd9hx7mqz9grzjqwfn3p9278ttzzpe0e00uhyxhned3j5d9acqak5emwfpflp8z2cnfl6h8msfh3505gqqqqlgqqqqqeqqjq6f8fhkj0uma7m68arjj3m5gn339xh3m5fn4qj9r9xu550686m0y8kadeahnn02ucmyq9nfsj0vl5vhpl6g7h6fs8xa8wu2qr3yc6a2gp4h32vu';
const PAID = {
  recipientAmountSat: 1,
  routingFeeSat: 4,
  paymentId: '961d413c-91ca-4f3d-9d91-760a08405901',
  paymentHash: '9586b2819f3c6d3c3e087984b97dcf4b74babfcaa5da4bc4207f47c6c1cc71e0',
  paymentPreimage: '6a3e65d9a05113864c9c27e430cc99751359ccbfa8fd5869aea46405df657986',
};

let egress: Egress;
let daemon: FakePhoenixd;
beforeAll(async () => {
  egress = createEgress();
  daemon = await new FakePhoenixd(new FakeLightning()).start();
  daemon.chain = 'testnet';
});
afterAll(async () => {
  await egress.close();
  await daemon.kill();
});

const issuer = () => createPhoenixdIssuer({ url: daemon.url, password: daemon.limitedPassword, egress });
const connect = (clock = () => 1_710_786_500_000) =>
  connectPhoenixdPayer({ url: daemon.url, password: daemon.fullPassword, egress, clock });
const answers = (path: string, value: unknown) =>
  daemon.addFault({ path, before: () => ({ status: 200, body: JSON.stringify(value) }) });

describe('the examples of phoenixd’s documentation', () => {
  it('tell an invoice that expired unpaid', async () => {
    answers('/payments/incoming/', EXPIRED);
    expect(await issuer().lookUp(EXPIRED.paymentHash)).toEqual({ state: 'closed' });
    answers('/payments/incoming/', { ...EXPIRED, isExpired: false });
    expect(await issuer().lookUp(EXPIRED.paymentHash)).toEqual({ state: 'open', expiresAtMs: 1_750_941_675_000 });
  });

  it('tell an invoice that was paid with more than was asked', async () => {
    answers('/payments/incoming/', OVERPAID);
    expect(await issuer().lookUp(OVERPAID.paymentHash)).toEqual({
      state: 'settled',
      amountReceivedMsat: 1_050_000,
      settledAtMs: 1_750_942_477_605,
    });
  });

  it('tell a payment of 4 sat that cost 4,016 msat, for an invoice that left the amount open', async () => {
    answers('/payments/outgoingbyhash/', SENT);
    const preimageHex = SENT.preimage;
    expect(await (await connect()).lookUp(SENT.paymentHash)).toEqual({
      state: 'settled',
      preimageHex,
      amountMsat: 4000,
      feeMsat: 4016,
    });
  });

  it('tell the proof of a payment, and its fee in satoshis: the most that it can have been counts where the record cannot be had', async () => {
    const payer = await connect();
    answers('/payinvoice', PAID);
    const request = { invoice: BLOCKACCINO, paymentHashHex: PAID.paymentHash, amountMsat: 1000 };
    expect(await payer.pay({ ...request, feeLimitMsat: 5000, timeoutMs: 5000 })).toEqual({
      state: 'settled',
      preimageHex: PAID.paymentPreimage,
      amountMsat: 1000,
      feeMsat: 4999,
    });
  });

  it('tell a balance in satoshis, beside which the fee credit is not spendable', async () => {
    const payer = await connect();
    answers('/getbalance', { balanceSat: 104_228, feeCreditSat: 391 });
    expect(await payer.balance()).toEqual({ spendableMsat: 104_228_000 });
  });

  it('tell a node and what its channels can take in', async () => {
    answers('/getinfo', {
      nodeId: '023a882b070d0b9b1c8db2975f2dcc65d1ffa22e00085506ab24799d6d95d658a2',
      chain: 'mainnet',
      channels: [
        { state: 'Normal', balanceSat: 10, inboundLiquiditySat: 1_013_562, capacitySat: 1_015_160 },
        { state: 'Offline', balanceSat: 10, inboundLiquiditySat: 500_000, capacitySat: 1_015_160 },
      ],
    });
    expect(await issuer().receivableMsat()).toBe(1_013_562_000);
  });

  it.each([
    [4000, 4016],
    [1000, 4004],
    [1, 4001],
    [0, 4000],
    [1_000_000_000, 4_004_000],
  ])('set the price of a payment of %i msat at %i msat', async (amountMsat, feeMsat) => {
    expect((await connect()).feeCeilingMsat(amountMsat)).toBe(feeMsat);
  });

  it('are asked for in the documented forms', async () => {
    const payer = await connect();
    daemon.calls.length = 0;
    await issuer().create({ amountMsat: 100_000, description: 'my first invoice & more', expirySeconds: 600 });
    answers('/payinvoice', PAID);
    const request = { invoice: BLOCKACCINO, paymentHashHex: PAID.paymentHash, amountMsat: 1000 };
    await payer.pay({ ...request, feeLimitMsat: 5000, timeoutMs: 5000 });
    const basic = (password: string) => `Basic ${Buffer.from(`:${password}`).toString('base64')}`;
    const form = 'application/x-www-form-urlencoded';
    const byHash = {
      method: 'GET',
      path: `/payments/outgoingbyhash/${PAID.paymentHash}`,
      authorization: basic(daemon.fullPassword),
      contentType: '',
      body: '',
    };
    expect(daemon.calls).toEqual([
      {
        method: 'POST',
        path: '/createinvoice',
        authorization: basic(daemon.limitedPassword),
        contentType: form,
        body: 'amountSat=100&description=my+first+invoice+%26+more&expirySeconds=600',
      },
      byHash,
      {
        method: 'POST',
        path: '/payinvoice',
        authorization: basic(daemon.fullPassword),
        contentType: form,
        body: `invoice=${BLOCKACCINO}`,
      },
      byHash,
    ]);
  });
});
