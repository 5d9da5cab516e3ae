import { setTimeout as passTime } from 'node:timers/promises';
import { readFileSync } from 'node:fs';
import { connectNwcPayer, createNwcIssuer } from '@satway/wallets/nwc';
import { afterAll, beforeAll, describe } from 'vitest';
import { describeInvoiceIssuer } from '../../packages/wallets/test/conformance/issuer-conformance.js';
import { describeInvoicePayer } from '../../packages/wallets/test/conformance/payer-conformance.js';
import { type RelayProcess, startRelay, startWalletService } from '../support/nwc/index.js';
import {
  addHeldInvoice,
  addInvoice,
  type LndNode,
  payInvoice,
  type RegtestNetwork,
  startRegtestNetwork,
  waitUntil,
} from './network/index.js';

let network: RegtestNetwork;
let relay: RelayProcess;

beforeAll(async () => {
  network = await startRegtestNetwork();
  relay = await startRelay();
});

afterAll(async () => {
  await relay?.stop();
  await network?.stop();
});

const serve = (node: LndNode, encryption: 'nip44_v2' | 'nip04', notifications: readonly string[]) =>
  startWalletService({
    relayUrl: relay.url,
    node: {
      url: node.restUrl,
      macaroonHex: node.macaroonHex(),
      certificatePem: readFileSync(node.tlsCertPath, 'utf8'),
    },
    encryptions: [encryption],
    notifications,
  });

const cancel = (paymentHashHex: string): Promise<void> =>
  network.nodes.seller.call('POST', '/v2/invoices/cancel', {
    payment_hash: Buffer.from(paymentHashHex, 'hex').toString('base64'),
  });

describe.each([
  ['NIP-44, with notifications', 'nip44_v2', ['payment_received']],
  ['NIP-04, without notifications', 'nip04', []],
] as const)('NWC by %s, before a real LND', (name, encryption, notifications) => {
  describeInvoiceIssuer(name, async () => {
    const service = await serve(network.nodes.seller, encryption, notifications);
    const issuer = createNwcIssuer({ uri: service.uri });
    return {
      issuer,
      network: 'regtest',
      pay: async (invoice) => {
        const { status, failure_reason } = await payInvoice(network.nodes.buyer, invoice);
        if (status !== 'SUCCEEDED') throw new Error(`the payment failed: ${failure_reason}`);
      },
      passTime: (ms) => passTime(ms),
      cancel,
      close: async () => {
        await issuer.close();
        await service.stop();
      },
    };
  });

  describeInvoicePayer(
    name,
    async () => {
      const { seller, buyer } = network.nodes;
      const service = await serve(buyer, encryption, notifications);
      const payer = await connectNwcPayer({ uri: service.uri });
      const held = new Map<string, Awaited<ReturnType<typeof addHeldInvoice>>>();
      return {
        payer,
        network: 'regtest',
        traits: { failureReasonsInexact: true, booksSettleWithinMs: 1_000 },
        createInvoice: async (amountMsat, expirySeconds) => {
          await network.settledBalancesMsat();
          return { ...(await addInvoice(seller, amountMsat, { expiry: String(expirySeconds) })), amountMsat };
        },
        cancelInvoice: cancel,
        passTime: (ms) => passTime(ms),
        hold: {
          createInvoice: async (amountMsat) => {
            const added = await addHeldInvoice(seller, amountMsat);
            held.set(added.paymentHashHex, added);
            return { ...added, amountMsat };
          },
          resolve: async (paymentHashHex, as) => {
            const added = held.get(paymentHashHex);
            await (as === 'settled' ? added?.settle() : added?.cancel());
            const isOver = async () => (await payer.lookUp(paymentHashHex)).state !== 'inFlight';
            await waitUntil('the payer has heard', isOver);
            await network.settledBalancesMsat();
          },
        },
        close: async () => {
          await payer.close();
          await service.stop();
        },
      };
    },
    { without: ['refusesSecondPayment', 'boundsFees'] },
  );
});
