import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openPurchaseStore } from '@satway/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonLines, runSatway } from '../../packages/cli/test/run-satway.js';
import {
  addHeldInvoice,
  type LndNode,
  type RegtestNetwork,
  sendRequest,
  startRegtestNetwork,
  waitUntil,
} from './network/index.js';
import { bakeInvoiceMacaroon, bakePayMacaroon } from './roles.js';

let network: RegtestNetwork;
beforeAll(async () => {
  network = await startRegtestNetwork();
});
afterAll(() => network?.stop());

/** A wallet as its owner writes it down: a file that names the node and the file of a macaroon for one role. */
async function walletFile(node: LndNode, bake: (node: LndNode) => Promise<string>): Promise<string> {
  const macaroon = join(network.folder, `${node.name}.macaroon`);
  writeFileSync(macaroon, Buffer.from(await bake(node), 'hex'), { mode: 0o600 });
  const file = join(network.folder, `${node.name}.json`);
  const wallet = { kind: 'lnd', url: node.restUrl, macaroonFile: macaroon, tlsCertFile: node.tlsCertPath };
  writeFileSync(file, JSON.stringify({ ...wallet, network: 'regtest' }));
  return file;
}

describe('the demo on two real LND nodes', () => {
  it('tells the same story, and the price is at the seller’s node afterwards, to the millisatoshi', async () => {
    const { seller, buyer } = network.nodes;
    const files = [
      '--seller-wallet-file',
      await walletFile(seller, bakeInvoiceMacaroon),
      '--buyer-wallet-file',
      await walletFile(buyer, bakePayMacaroon),
    ];
    const before = await network.settledBalancesMsat();
    const { code, stdout, stderr } = await runSatway(['demo', '--wallet', 'lnd', '--json', ...files], {
      SATWAY_HOME: join(network.folder, 'home'),
    });
    const after = await network.settledBalancesMsat();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const events = jsonLines(stdout);
    expect(events.find(({ event }) => event === 'started')).toMatchObject({ lndUrl: buyer.restUrl });
    expect(events.find(({ event }) => event === 'challenged')).toMatchObject({
      amountMsat: 5000,
      invoice: expect.stringMatching(/^lnbcrt50n1/),
    });
    expect(events.at(-1)).toEqual({ event: 'done', status: 200, paidMsat: 5000, feeMsat: 0 });
    expect({
      sellerMsat: after.sellerMsat - before.sellerMsat,
      buyerMsat: after.buyerMsat - before.buyerMsat,
    }).toEqual({ sellerMsat: 5000, buyerMsat: -5000 });
  });
});

describe('the doctor on two real LND nodes', () => {
  it('finds the credentials of both sides right, each for its role, and the clocks equal', async () => {
    const { seller, buyer } = network.nodes;
    for (const [role, file] of [
      ['receive', await walletFile(seller, bakeInvoiceMacaroon)],
      ['pay', await walletFile(buyer, bakePayMacaroon)],
    ] as const) {
      const { stdout } = await runSatway(['doctor', '--json', '--role', role, '--wallet-file', file], {
        SATWAY_HOME: join(network.folder, 'home'),
      });
      const checks = jsonLines(stdout)[0]?.['checks'] as { id: string; verdict: string }[];
      const verdictOf = (wanted: string) => checks.find(({ id }) => id === wanted)?.verdict;
      for (const id of [
        'wallet-reachable',
        'network',
        'credential-scope',
        'clock',
        'tls-certificate',
        'payment-look-up',
      ])
        expect([role, id, verdictOf(id)]).toEqual([role, id, 'ok']);
    }
  });

  it('fails where the selling side holds the admin macaroon, and ends with 1', async () => {
    const { seller } = network.nodes;
    const file = await walletFile(seller, async () => seller.macaroonHex());
    const { code, stdout } = await runSatway(['doctor', '--json', '--role', 'receive', '--wallet-file', file], {
      SATWAY_HOME: join(network.folder, 'home'),
    });
    const checks = jsonLines(stdout)[0]?.['checks'] as { id: string; verdict: string; fix: string }[];
    expect(checks.find(({ id }) => id === 'credential-scope')).toMatchObject({
      verdict: 'fail',
      fix: expect.stringContaining('lncli bakemacaroon'),
    });
    expect(code).toBe(1);
  });
});

describe('a payment that a real LND holds', () => {
  it('cannot be ended by a person, and is written down as settled once it is', async () => {
    const { seller, buyer } = network.nodes;
    const file = await walletFile(buyer, bakePayMacaroon);
    const store = join(network.folder, 'held.db');
    const held = await addHeldInvoice(seller, 5000);
    const paying = buyer.ask('POST', '/v2/router/send', sendRequest(held.invoice));
    await waitUntil('the money is held', () => isHeld(seller, held.paymentHashHex));
    leaveSending(store, buyer, held);
    const resolve = async (...args: string[]) => {
      const options = ['--json', '--store', store, '--wallet-file', file];
      const { code, stdout } = await runSatway(['wallet', 'resolve', ...options, ...args], {});
      return { code, purchase: (jsonLines(stdout || '{}')[0]?.['purchases'] as Record<string, unknown>[])?.[0] };
    };
    expect((await resolve()).purchase).toMatchObject({ walletSays: 'inFlight', diagnosis: 'canStillEnd' });
    for (const end of ['failed', 'settled-as-spent']) {
      const { code } = await resolve(held.paymentHashHex, '--as', end, '--yes', held.paymentHashHex);
      expect([end, code]).toEqual([end, 5]);
    }
    await held.settle();
    await paying;
    expect((await resolve()).purchase).toMatchObject({ state: 'settled', walletSays: 'settled', decision: null });
  });
});

async function isHeld(seller: LndNode, paymentHashHex: string): Promise<boolean> {
  return (await seller.call<{ state: string }>('GET', `/v1/invoice/${paymentHashHex}`)).state === 'ACCEPTED';
}

interface SentInvoice {
  readonly invoice: string;
  readonly paymentHashHex: string;
}

/** Leaves a purchase in the store as a buyer would that was killed while its payment was under way. */
function leaveSending(path: string, buyer: LndNode, { invoice, paymentHashHex }: SentInvoice): void {
  const store = openPurchaseStore({ path });
  store.budgets.registerCap('default', 100_000);
  const call = { method: 'GET', url: 'https://api.example/item', bodySha256Hex: '00'.repeat(32) };
  const target = { origin: 'https://api.example', targetMethod: 'GET', targetUrl: call.url, scope: 'item' };
  const offer = { paymentHashHex, invoice, amountMsat: 5000, invoiceExpiresAtMs: Date.now() + 3_600_000 };
  const credential = { macaroonText: 'm', usesTotal: 1, credentialExpiresAtMs: null };
  const names = { walletId: buyer.pubkey, budgetId: 'default', idempotencyKey: paymentHashHex, keyGiven: false };
  const quoted = store.journal.quote({ ...call, ...target, ...offer, ...credential, ...names });
  if (!quoted.ok) throw new Error(quoted.code);
  store.journal.reserve(quoted.value, { feeCeilingMsat: 1000, maxTotalMsat: 100_000 });
  store.journal.startSending(quoted.value);
  store.close();
}
