import { X509Certificate } from 'node:crypto';
import { createEgress, type Egress } from '@satway/egress';
import { connectPayingWallet, inspectWallet, openReceivingWallet, type LndSettings } from '@satway/wallets/open-wallet';
import { createSandboxNetwork, startSandboxLndServer } from '@satway/wallets/sandbox';
import { describe, expect, it, onTestFinished } from 'vitest';

/** A seller and a buyer behind LND's REST interface. */
async function startLnd() {
  const network = createSandboxNetwork();
  network.addNode('seller');
  network.addNode('buyer', { balanceMsat: 1_000_000 });
  const server = await startSandboxLndServer(network, { tls: true });
  onTestFinished(async () => {
    await server.close();
    network.close();
  });
  const pin = server.certificate === null ? {} : { tlsCertPem: server.certificate.certificatePem };
  const settings = (node: string, kind: 'invoice' | 'pay'): LndSettings => ({
    kind: 'lnd',
    url: server.url,
    macaroonHex: server.macaroonHex(node, kind),
    ...pin,
  });
  const fingerprint = new X509Certificate(server.certificate?.certificatePem ?? '').fingerprint256;
  return { settings, fingerprint };
}

/** A door that counts who goes through it. */
function countingEgress(): Egress & { count(): number } {
  const door = createEgress();
  onTestFinished(() => door.close());
  let count = 0;
  return {
    ...door,
    exchange: (request) => {
      count += 1;
      return door.exchange(request);
    },
    count: () => count,
  };
}

describe('opening a wallet by its kind', () => {
  it('gives an LND that sells, one that pays, and what a macaroon allows', async () => {
    const { settings } = await startLnd();
    const egress = countingEgress();
    const issuer = await openReceivingWallet(settings('seller', 'invoice'), { egress });
    expect(egress.count(), 'opening asks nothing').toBe(0);
    const payer = await connectPayingWallet(settings('buyer', 'pay'), { egress });
    expect([issuer.kind, payer.kind, payer.network]).toEqual(['lnd', 'lnd', 'regtest']);

    const { invoice, paymentHashHex } = await issuer.create({
      amountMsat: 5000,
      description: 'one call',
      expirySeconds: 60,
    });
    const paid = await payer.pay({ invoice, paymentHashHex, amountMsat: 5000, feeLimitMsat: 1000, timeoutMs: 10_000 });
    expect(paid).toMatchObject({ state: 'settled', amountMsat: 5000 });
    expect(await issuer.lookUp(paymentHashHex)).toMatchObject({ state: 'settled', amountReceivedMsat: 5000 });
    expect(egress.count(), 'everything goes through the door that was given').toBeGreaterThan(3);

    const inspection = await inspectWallet(settings('seller', 'invoice'), { egress });
    expect(inspection).toMatchObject({ kind: 'lnd', can: { pay: false, createInvoice: true } });
    await Promise.all([issuer.close(), payer.close()]);
  });

  it('holds an LND to the fingerprint of its certificate', async () => {
    const { settings, fingerprint } = await startLnd();
    const { tlsCertPem: _, ...unpinned } = settings('buyer', 'pay');
    const pinned = (tlsFingerprint256: string) => connectPayingWallet({ ...unpinned, tlsFingerprint256 });
    const payer = await pinned(fingerprint);
    expect(await payer.balance()).toEqual({ spendableMsat: 1_000_000 });
    await payer.close();
    await expect(pinned('ab'.repeat(32))).rejects.toMatchObject({ code: 'WALLET_TLS_MISMATCH', fundsMoved: 'no' });
  });

  it('refuses settings that cannot be used by the error of that kind, not by a crash', async () => {
    const broken: LndSettings = { kind: 'lnd', url: 'https://127.0.0.1:1', macaroonHex: 'no hex' };
    const refused = { code: 'WALLET_NOT_CONFIGURED', fundsMoved: 'no' };
    await expect(openReceivingWallet(broken)).rejects.toMatchObject(refused);
    await expect(connectPayingWallet(broken)).rejects.toMatchObject(refused);
    await expect(inspectWallet(broken)).rejects.toMatchObject(refused);
  });
});
