import { createEgress } from '@satway/egress';
import { connectLndPayer, createLndIssuer } from '@satway/wallets/lnd';
import { type SandboxNetwork, startSandboxLndServer } from '@satway/wallets/sandbox';
import { describeHeldInvoices, describeInvoiceIssuer } from './issuer-conformance.js';
import { describeInvoicePayer } from './payer-conformance.js';
import { makeIssuerFixture, makePayerFixture } from './sandbox-fixtures.js';

const over = (tls: boolean) => async (network: SandboxNetwork) => {
  const server = await startSandboxLndServer(network, { tls });
  const egress = createEgress();
  const pin = server.certificate === null ? {} : { tlsCertPem: server.certificate.certificatePem };
  const common = { url: server.url, egress, ...pin };
  return {
    issuer: createLndIssuer({ ...common, macaroonHex: server.macaroonHex('seller', 'invoice') }),
    payer: await connectLndPayer({ ...common, macaroonHex: server.macaroonHex('buyer', 'pay') }),
    close: async () => {
      await egress.close();
      await server.close();
    },
  };
};

for (const [scheme, connect] of [
  ['http', over(false)],
  ['https with a pinned certificate', over(true)],
] as const) {
  const name = `LND’s REST interface over ${scheme}`;
  describeInvoiceIssuer(name, () => makeIssuerFixture(connect));
  describeHeldInvoices(name, () => makeIssuerFixture(connect));
  describeInvoicePayer(name, () => makePayerFixture(connect));
}
