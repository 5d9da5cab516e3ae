import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEgress, type Egress } from '@satway/egress';
import { connectLndPayer, createLndIssuer, diagnoseLndPayment, inspectLnd, readLndTraffic } from '@satway/wallets/lnd';
import {
  createSandboxNetwork,
  createSelfSignedCertificate,
  type SandboxLndServer,
  type SandboxNetwork,
  startSandboxLndServer,
} from '@satway/wallets/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder: string;
let network: SandboxNetwork;
let server: SandboxLndServer;
let egress: Egress;
let macaroonHex: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'satway-lnd-'));
  network = createSandboxNetwork();
  network.addNode('buyer');
  server = await startSandboxLndServer(network, { tls: true });
  egress = createEgress();
  macaroonHex = server.macaroonHex('buyer', 'admin');
});
afterAll(async () => {
  await egress.close();
  await server.close();
  network.close();
  rmSync(folder, { recursive: true });
});

const pem = () => server.certificate?.certificatePem ?? '';
const file = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

describe('a connection to an LND', () => {
  it('is made with macaroon and certificate from files, hex or base64', async () => {
    const raw = Buffer.from(macaroonHex, 'hex');
    const macaroons = [
      { macaroonHex },
      { macaroonBase64: raw.toString('base64') },
      { macaroonBase64: raw.toString('base64url') },
      { macaroonBase64: raw.toString('base64').replaceAll(/(.{76})/g, '$1\n') },
      { macaroonHex: macaroonHex.replaceAll(/(.{60})/g, '$1\r\n') },
      { macaroonFile: file('admin.macaroon', raw) },
      { macaroonFile: file('admin.macaroon.hex', `${macaroonHex.toUpperCase()}\n`) },
      { macaroonFile: file('admin.macaroon.txt', raw.toString('base64').replaceAll(/(.{76})/g, '$1\n')) },
    ];
    const tlsFingerprint256 = new X509Certificate(pem()).fingerprint256;
    const certificates = [
      { tlsCertPem: pem() },
      { tlsCertPem: pem().replaceAll('\n', '\\n') },
      { tlsCertFile: file('tls.cert', pem()) },
      { tlsFingerprint256 },
      { tlsFingerprint256: tlsFingerprint256.replaceAll(':', '').toLowerCase() },
    ];
    for (const macaroon of macaroons) {
      for (const certificate of certificates) {
        const payer = await connectLndPayer({ url: `${server.url}/`, egress, ...macaroon, ...certificate });
        expect(payer.identity).toBe(network.node('buyer').pubkeyHex);
      }
    }
  });

  it.each([
    'http://node.example:8080',
    'http://192.168.1.5:8080',
    'http://10.0.0.1:8080',
    'http://[::2]:8080',
    'http://0.0.0.0:8080',
    'http://127.0.0.1.example:8080',
    'http://localhost.example:8080',
    'https://user:secret-word@node.example:8080',
    'https://node.example:8080/?macaroon=secret-word',
    'ftp://node.example',
    'node.example:8080',
    '',
  ])(
    'is refused before the macaroon is sent where it is not https on another machine, or no plain address: %s',
    async (url) => {
      const asked: unknown[] = [];
      const silent = {
        exchange: (request: unknown) => Promise.reject(asked.push(request)),
        close: async () => undefined,
      };
      const options = { url, macaroonHex, egress: silent as unknown as Egress };
      const wrong = {
        code: 'WALLET_NOT_CONFIGURED',
        fundsMoved: 'no',
        message: expect.not.stringContaining('secret-word'),
      };
      await expect(connectLndPayer(options)).rejects.toMatchObject(wrong);
      await expect(inspectLnd(options)).rejects.toMatchObject(wrong);
      await expect(diagnoseLndPayment(options, 'ab'.repeat(32))).rejects.toMatchObject(wrong);
      await expect(readLndTraffic(options)).rejects.toMatchObject(wrong);
      expect(() => createLndIssuer(options)).toThrow(expect.objectContaining({ code: 'WALLET_NOT_CONFIGURED' }));
      expect(asked).toEqual([]);
    },
  );

  it('is refused by another certificate than the pinned one, and by one that nothing pins', async () => {
    const other = createSelfSignedCertificate(Date.now()).certificatePem;
    const options = { url: server.url, egress, macaroonHex };
    await expect(connectLndPayer({ ...options, tlsCertPem: other })).rejects.toMatchObject({
      code: 'WALLET_TLS_MISMATCH',
      fundsMoved: 'no',
    });
    await expect(connectLndPayer({ ...options, tlsFingerprint256: '00'.repeat(32) })).rejects.toMatchObject({
      code: 'WALLET_TLS_MISMATCH',
      fundsMoved: 'no',
    });
    await expect(connectLndPayer(options)).rejects.toMatchObject({
      code: 'WALLET_UNREACHABLE',
      fundsMoved: 'no',
      detail: expect.stringContaining('pin it'),
    });
  });

  it('says which certificate was shown and how to pin anew, when it is not the pinned one', async () => {
    const shown = new X509Certificate(pem()).fingerprint256;
    const connecting = connectLndPayer({ url: server.url, egress, macaroonHex, tlsFingerprint256: '00'.repeat(32) });
    const failure: unknown = await connecting.catch((error: unknown) => error);
    expect(failure).toMatchObject({ detail: expect.stringContaining(shown) });
    expect(failure).toMatchObject({ detail: expect.stringContaining('openssl x509 -noout -fingerprint -sha256') });
    expect(failure).toMatchObject({ nextStep: expect.stringContaining('pin that file or fingerprint') });
  });

  it('of its own is closed with the wallet, as often as one likes', async () => {
    const options = { url: server.url, macaroonHex, tlsCertPem: pem() };
    const payer = await connectLndPayer(options);
    await payer.balance();
    await payer.close();
    await payer.close();
    const issuer = createLndIssuer(options);
    await issuer.lookUp('00'.repeat(32));
    const stop = issuer.onSettled?.(() => undefined);
    await issuer.close();
    await issuer.close();
    stop?.();
    expect(await inspectLnd(options)).toMatchObject({ can: { pay: true } });
  });

  it('tells what can be received where the macaroon may ask, and nothing where it may not', async () => {
    network.addNode('seller', { balanceMsat: 5_000 });
    const issuerWith = (kind: 'admin' | 'invoice') =>
      createLndIssuer({
        url: server.url,
        egress,
        macaroonHex: server.macaroonHex('buyer', kind),
        tlsCertPem: pem(),
      });
    expect(await issuerWith('admin').receivableMsat()).toBe(5_000);
    expect(await issuerWith('invoice').receivableMsat()).toBeNull();
    const nobody = createLndIssuer({ url: 'https://127.0.0.1:1', egress, macaroonHex });
    await expect(nobody.receivableMsat()).rejects.toMatchObject({ code: 'WALLET_UNREACHABLE' });
  });

  it('to a payer needs a macaroon that may ask who the node is; the error names the permission', async () => {
    const withoutInfo = connectLndPayer({
      url: server.url,
      egress,
      macaroonHex: server.macaroonHex('buyer', 'invoice'),
      tlsCertPem: pem(),
    });
    await expect(withoutInfo).rejects.toMatchObject({
      code: 'WALLET_PERMISSION_DENIED',
      detail: expect.stringContaining('uri:/lnrpc.Lightning/GetInfo'),
      facts: { missingPermission: 'uri:/lnrpc.Lightning/GetInfo' },
    });
  });

  it('is refused where the node is on another network than the one that is wanted', async () => {
    const options = { url: server.url, egress, macaroonHex, tlsCertPem: pem() };
    await expect(connectLndPayer({ ...options, network: 'bitcoin' })).rejects.toMatchObject({
      code: 'WALLET_NETWORK_MISMATCH',
      fundsMoved: 'no',
    });
    expect((await connectLndPayer({ ...options, network: 'regtest' })).network).toBe('regtest');
  });

  it.each([0, -1, 1.5, 1001, Number.NaN])('refuses to split payments into %s parts', async (maxParts) => {
    await expect(connectLndPayer({ url: server.url, egress, macaroonHex, maxParts })).rejects.toMatchObject({
      code: 'WALLET_NOT_CONFIGURED',
    });
  });

  it('holds to its pin when the node comes back with a new key, before a payment is sent', async () => {
    const payer = await connectLndPayer({ url: server.url, egress, macaroonHex, tlsCertPem: pem() });
    const { port, certificate } = server;
    await server.close();
    server = await startSandboxLndServer(network, { port, tls: true });
    const request = { invoice: 'x', paymentHashHex: 'c7'.repeat(32), amountMsat: 1, feeLimitMsat: 0, timeoutMs: 5000 };
    // The first call may still meet the connection that the old server had; what a payment there would be is unknown, rightly.
    await expect(payer.lookUp(request.paymentHashHex)).rejects.toMatchObject({ fundsMoved: 'no' });
    await expect(payer.pay(request)).rejects.toMatchObject({ code: 'WALLET_TLS_MISMATCH', fundsMoved: 'no' });
    await expect(payer.lookUp(request.paymentHashHex)).rejects.toMatchObject({ code: 'WALLET_TLS_MISMATCH' });
    await server.close();
    server = await startSandboxLndServer(network, { port, tls: certificate ?? true });
    expect(await payer.lookUp(request.paymentHashHex)).toMatchObject({ state: 'notFound' });
  });

  it.each([
    [{ macaroonHex: 'feedfacf0' }],
    [{ macaroonHex: '' }],
    [{ macaroonBase64: 'feedface!' }],
    [{ macaroonFile: '/nowhere/feedface' }],
    [{ macaroonHex: '0201', tlsCertFile: '/nowhere/feedface' }],
    [{ macaroonHex: '0201', tlsFingerprint256: 'feedface' }],
    [{ macaroonHex: '0201', tlsCertPem: '-----BEGIN CERTIFICATE-----\nfeedface\n-----END CERTIFICATE-----' }],
    [{ macaroonHex: '0201', tlsFingerprint256: 'ab'.repeat(32), tlsCertPem: 'feedface' }],
  ])('says that it is not configured for %j, without the value', (wrong) => {
    const failure = (() => {
      try {
        return createLndIssuer({ url: 'http://127.0.0.1:1', egress, ...wrong });
      } catch (error) {
        return error;
      }
    })();
    expect(failure).toMatchObject({ code: 'WALLET_NOT_CONFIGURED', fundsMoved: 'no' });
    expect(`${String(failure)} ${JSON.stringify(failure)}`).not.toContain('feedfac');
  });
});
