import type { Socket } from 'node:net';
import { createEgress, type Egress } from '@satway/egress';
import { encodeInvoice } from '@satway/protocol';
import type { InvoiceIssuer, SettledNotice } from '@satway/wallets';
import { createLndIssuer } from '@satway/wallets/lnd';
import {
  createSandboxNetwork,
  type SandboxLndServer,
  type SandboxNetwork,
  startSandboxLndServer,
} from '@satway/wallets/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chunk, type RawServer, startRawServer, streamHead, unary } from './raw-server.js';

/** Notices as they come, and a way to wait for one. */
function collect() {
  const notices: SettledNotice[] = [];
  const waiting = new Map<string, () => void>();
  return {
    notices,
    listener: (notice: SettledNotice) => {
      notices.push(notice);
      waiting.get(notice.paymentHashHex)?.();
    },
    heard: (hashHex: string) =>
      new Promise<void>((resolve) => {
        waiting.set(hashHex, resolve);
        if (notices.some(({ paymentHashHex }) => paymentHashHex === hashHex)) resolve();
      }),
  };
}

describe('the settlements of an LND', () => {
  let network: SandboxNetwork;
  let server: SandboxLndServer;
  let egress: Egress;
  let issuer: InvoiceIssuer;
  beforeEach(async () => {
    network = createSandboxNetwork();
    network.addNode('buyer', { balanceMsat: 1_000_000 });
    network.addNode('seller');
    server = await startSandboxLndServer(network);
    egress = createEgress();
    issuer = createLndIssuer({ url: server.url, egress, macaroonHex: server.macaroonHex('seller', 'invoice') });
  });
  afterEach(async () => {
    await egress.close();
    await server.close();
    network.close();
  });

  const create = () => issuer.create({ amountMsat: 1000, description: 'x', expirySeconds: 600 });
  const send = (invoice: string) => network.lightning.send('buyer', { invoice, amountMsat: null, feeLimitMsat: 0 });
  const restart = async () => {
    const { port } = server;
    await server.close();
    return async () => {
      server = await startSandboxLndServer(network, { port });
    };
  };

  it('are told when they happen while the wallet is away, both before the first one was seen and after', async () => {
    const { listener, heard } = collect();
    const stop = issuer.onSettled?.(listener);
    const [first, second, third] = [await create(), await create(), await create()];
    const start = await restart();
    send(first.invoice);
    await start();
    await heard(first.paymentHashHex);
    send(second.invoice);
    await heard(second.paymentHashHex);
    const startAgain = await restart();
    send(third.invoice);
    await startAgain();
    await heard(third.paymentHashHex);
    stop?.();
  });

  it('of other invoices of the node are told as well, with the amount that came in', async () => {
    const { listener, notices, heard } = collect();
    const stop = issuer.onSettled?.(listener);
    const own = await create();
    send(own.invoice);
    await heard(own.paymentHashHex);
    const other = await network.node('seller').issuer.create({ amountMsat: 777, description: 'y', expirySeconds: 60 });
    send(other.invoice);
    await heard(other.paymentHashHex);
    expect(notices.at(-1)).toEqual({ paymentHashHex: other.paymentHashHex, amountReceivedMsat: 777 });
    stop?.();
  });
});

describe('a subscription that breaks', () => {
  let raw: RawServer;
  let egress: Egress;
  beforeEach(async () => {
    raw = await startRawServer();
    egress = createEgress();
  });
  afterEach(async () => {
    await egress.close();
    await raw.close();
  });

  const settled = (hashHex: string, settleIndex: number, amt_paid_msat = '5') => {
    const r_hash = Buffer.from(hashHex, 'hex').toString('base64');
    const result = {
      r_hash,
      state: 'SETTLED',
      amt_paid_msat,
      settle_index: String(settleIndex),
      r_preimage: 'AAAA',
    };
    return `${JSON.stringify({ result })}\n`;
  };

  it('is opened again after the last settlement that was seen, past errors, nonsense and add events', async () => {
    const { listener, notices, heard } = collect();
    const answers = [
      streamHead() + chunk(settled('aa'.repeat(32), 41)) + chunk('{"result":{"state":"OPEN"}}\nnonsense\n'),
      unary(500, '{"error":{"code":2,"message":"the RPC server is in the process of starting up","details":[]}}'),
      streamHead() + chunk(settled('dd'.repeat(32), 42, '-5')) + chunk(settled('bb'.repeat(32), 43)),
    ];
    raw.script = (socket, { head }) => {
      if (!head.includes('subscribe')) return void socket.destroy();
      const next = answers.shift();
      return void (next === undefined ? undefined : socket.end(next));
    };
    const issuer = createLndIssuer({ url: raw.url, egress, macaroonHex: '0201' });
    const stop = issuer.onSettled?.(listener);
    await heard('bb'.repeat(32));
    stop?.();
    expect(notices).toEqual([
      { paymentHashHex: 'aa'.repeat(32), amountReceivedMsat: 5 },
      { paymentHashHex: 'bb'.repeat(32), amountReceivedMsat: 5 },
    ]);
    const asked = raw.requests.map(({ head }) => /settle_index=(\d+)/.exec(head)?.[1]);
    expect(asked.slice(0, 3)).toEqual(['0', '41', '41']);
    expect(JSON.stringify(notices)).not.toContain('preimage');
  });

  it('looks open invoices up again at its first line, since it may have begun only after the first look', async () => {
    const hashHex = 'c7'.repeat(32);
    const r_hash = Buffer.from(hashHex, 'hex').toString('base64');
    const payment_request = encodeInvoice(
      {
        network: 'regtest',
        amountMsat: 5n,
        timestampSeconds: Math.floor(Date.now() / 1000),
        paymentHashHex: hashHex,
        paymentSecretHex: 'c8'.repeat(32),
        description: 'x',
      },
      Buffer.alloc(32, 9),
    );
    const invoice = { r_hash, creation_date: '100', expiry: '60', amt_paid_msat: '5' };
    let subscription: Socket | undefined;
    let looks = 0;
    raw.script = (socket, { head }) => {
      if (head.startsWith('POST')) return void socket.write(unary(200, JSON.stringify({ r_hash, payment_request })));
      if (head.includes('subscribe')) return void (subscription = socket);
      looks += 1;
      socket.write(unary(200, JSON.stringify({ ...invoice, state: looks === 1 ? 'OPEN' : 'SETTLED' })));
      return void subscription?.write(streamHead() + chunk('{"result":{"state":"OPEN"}}\n'));
    };
    const { listener, notices, heard } = collect();
    const issuer = createLndIssuer({ url: raw.url, egress, macaroonHex: '0201' });
    const stop = issuer.onSettled?.(listener);
    await issuer.create({ amountMsat: 5, description: 'x', expirySeconds: 3600 });
    await heard(hashHex);
    stop?.();
    expect(notices).toEqual([{ paymentHashHex: hashHex, amountReceivedMsat: 5 }]);
  });
});
