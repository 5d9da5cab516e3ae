import { createEgress } from '@satway/egress';
import { connectPhoenixdPayer, createPhoenixdIssuer } from '@satway/wallets/phoenixd';
import { describeInvoiceIssuer, type IssuerFixture } from '../conformance/issuer-conformance.js';
import { describeInvoicePayer, type PayerFixture } from '../conformance/payer-conformance.js';
import { FakeLightning } from './fake-lightning.js';
import { FakePhoenixd } from './fake-phoenixd.js';

async function makeIssuer(): Promise<IssuerFixture> {
  const lightning = new FakeLightning();
  const daemon = await new FakePhoenixd(lightning).start();
  const egress = createEgress();
  return {
    issuer: createPhoenixdIssuer({ url: daemon.url, password: daemon.limitedPassword, egress }),
    network: 'regtest',
    traits: { wholeSatsOnly: true, longestDescription: 128 },
    pay: async (invoice) => {
      const record = [...daemon.ledger.incoming.values()].find((one) => one.invoice === invoice);
      await lightning.send(record?.paymentHash ?? '', record?.requestedMsat ?? 0);
    },
    passTime: async (ms) => lightning.advance(ms),
    close: async () => {
      await egress.close();
      await daemon.kill();
    },
  };
}

async function makePayer(): Promise<PayerFixture> {
  const lightning = new FakeLightning();
  const daemon = await new FakePhoenixd(lightning, 300_000).start();
  const egress = createEgress();
  const clock = lightning.now;
  return {
    payer: await connectPhoenixdPayer({ url: daemon.url, password: daemon.fullPassword, egress, clock }),
    network: 'regtest',
    traits: { balanceInWholeSats: true },
    createInvoice: async (amountMsat, expirySeconds) => lightning.createInvoice({ amountMsat, expirySeconds }),
    cancelInvoice: async (paymentHashHex) => lightning.cancel(paymentHashHex),
    passTime: async (ms) => lightning.advance(ms),
    hold: {
      createInvoice: async (amountMsat) => lightning.createInvoice({ amountMsat, expirySeconds: 600 }, { holds: true }),
      resolve: async (paymentHashHex, as) => {
        lightning.resolve(paymentHashHex, as);
        // The daemon writes it down a moment later.
        await new Promise((resolve) => setImmediate(resolve));
      },
    },
    close: async () => {
      await egress.close();
      await daemon.kill();
    },
  };
}

const NAME = 'phoenixd’s API, as a fake daemon speaks it';
describeInvoiceIssuer(NAME, makeIssuer, { without: ['cancel'] });
describeInvoicePayer(NAME, makePayer, { without: ['refusesSecondPayment'] });
