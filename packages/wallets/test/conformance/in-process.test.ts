import type { SandboxNetwork } from '@satway/wallets/sandbox';
import { describeHeldInvoices, describeInvoiceIssuer } from './issuer-conformance.js';
import { describeInvoicePayer } from './payer-conformance.js';
import { makeIssuerFixture, makePayerFixture } from './sandbox-fixtures.js';

const inProcess = async (network: SandboxNetwork) => ({
  issuer: network.node('seller').issuer,
  payer: network.node('buyer').payer,
  close: async () => undefined,
});

describeInvoiceIssuer('the sandbox, in process', () => makeIssuerFixture(inProcess));
describeHeldInvoices('the sandbox, in process', () => makeIssuerFixture(inProcess));
describeInvoicePayer('the sandbox, in process', () => makePayerFixture(inProcess));
