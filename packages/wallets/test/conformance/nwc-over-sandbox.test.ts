import { setTimeout as passRealTime } from 'node:timers/promises';
import { connectNwcPayer, createNwcIssuer } from '@satway/wallets/nwc';
import { type SandboxNetwork, startSandboxLndServer } from '@satway/wallets/sandbox';
import { startRelay, startWalletService, type WalletServiceOptions } from '../../../../test/support/nwc/index.js';
import { describeHeldInvoices, describeInvoiceIssuer } from './issuer-conformance.js';
import { describeInvoicePayer } from './payer-conformance.js';
import { makeIssuerFixture, makePayerFixture } from './sandbox-fixtures.js';

/** Both sides over one relay, each with an independent wallet service in a process of its own before its sandbox node. */
const over = (service: Partial<WalletServiceOptions>) => async (network: SandboxNetwork) => {
  const lnd = await startSandboxLndServer(network, { tls: false });
  const relay = await startRelay();
  const startFor = (name: string) =>
    startWalletService({
      relayUrl: relay.url,
      node: { url: lnd.url, macaroonHex: lnd.macaroonHex(name, 'admin') },
      ...service,
    });
  const services = await Promise.all([startFor('seller'), startFor('buyer')]);
  const issuer = createNwcIssuer({ uri: services[0].uri });
  const payer = await connectNwcPayer({ uri: services[1].uri });
  return {
    issuer,
    payer,
    close: async () => {
      await Promise.all([issuer.close(), payer.close()]);
      await Promise.all([relay.stop(), ...services.map((each) => each.stop())]);
      await lnd.close();
    },
  };
};

for (const [name, connect] of [
  ['NWC by NIP-44, with notifications', over({ encryptions: ['nip44_v2'], notifications: ['payment_received'] })],
  ['NWC by NIP-04, without notifications', over({ encryptions: ['nip04'] })],
] as const) {
  describeInvoiceIssuer(name, () => makeIssuerFixture(connect));
  describeHeldInvoices(name, () => makeIssuerFixture(connect));
  describeInvoicePayer(
    name,
    async () => {
      const fixture = await makePayerFixture(connect);
      // The payer looks at the expiry by its own clock, which cannot be set.
      const passTime = async (ms: number) => {
        await fixture.passTime?.(ms);
        await passRealTime(ms);
      };
      return { ...fixture, traits: { failureReasonsInexact: true }, passTime };
    },
    { without: ['refusesSecondPayment', 'boundsFees'] },
  );
}
