import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createEgress, type Egress } from '@satway/egress';
import { connectPhoenixdPayer, createPhoenixdIssuer, inspectPhoenixd } from '@satway/wallets/phoenixd';
import { createSelfSignedCertificate } from '@satway/wallets/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeLightning } from './fake-lightning.js';
import { FakePhoenixd } from './fake-phoenixd.js';

let egress: Egress;
let daemon: FakePhoenixd;
beforeAll(async () => {
  egress = createEgress();
  daemon = await new FakePhoenixd(new FakeLightning(), 50_000).start();
});
afterAll(async () => {
  await egress.close();
  await daemon.kill();
});

const full = () => ({ url: daemon.url, password: daemon.fullPassword, egress });
const limited = () => ({ url: daemon.url, password: daemon.limitedPassword, egress });
const request = { amountMsat: 2000, description: 'one call', expirySeconds: 600 };

describe('the two passwords of a phoenixd', () => {
  it('are told apart by what phoenixd answers, without a payment', async () => {
    expect(await inspectPhoenixd(limited())).toMatchObject({
      kind: 'phoenixd',
      network: 'regtest',
      can: { pay: false, createInvoice: true, read: true, administer: false },
      excess: { pay: [], receive: [], read: ['createinvoice', 'createoffer', 'lnurlwithdraw'] },
    });
    const paying = ['payinvoice', 'payoffer', 'paylnaddress', 'lnurlpay'];
    const administering = ['sendtoaddress', 'bumpfee', 'closechannel', 'lnurlauth'];
    expect(await inspectPhoenixd(full())).toMatchObject({
      can: { pay: true, createInvoice: true, read: true, administer: true },
      excess: {
        pay: administering,
        receive: [...paying, ...administering],
        read: ['createinvoice', 'createoffer', 'lnurlwithdraw', ...paying, ...administering],
      },
    });
    expect(daemon.ledger.outgoing).toEqual([]);
    expect(daemon.calls.filter(({ path }) => path === '/payinvoice').map(({ body }) => body)).toEqual([
      'invoice=',
      'invoice=',
    ]);
  });

  it('are left open where phoenixd answers something else, and what they might do beyond their role is then named', async () => {
    daemon.addFault({ path: '/payinvoice', before: () => ({ status: 403, body: 'Forbidden by a proxy' }) });
    const inspection = await createPhoenixdIssuer(limited()).inspect();
    expect(inspection.can).toEqual({ pay: null, createInvoice: true, read: true, administer: null });
    expect(inspection.excess.receive).toContain('payinvoice');
  });

  it('each say how a person gets the right one', async () => {
    const { howToNarrow } = await (await connectPhoenixdPayer(full())).inspect();
    expect(howToNarrow.receive).toContain('http-password-limited-access');
    expect(howToNarrow.read).toContain('http-password-limited-access');
    expect(howToNarrow.pay).toContain('http-password');
  });

  it('let the limited one issue and look up, and refuse it a payment before it is one', async () => {
    const issued = await createPhoenixdIssuer(limited()).create(request);
    const payer = await connectPhoenixdPayer(limited());
    expect(await payer.lookUp(issued.paymentHashHex)).toMatchObject({ state: 'notFound' });
    const { invoice, paymentHashHex, amountMsat } = issued;
    const outcome = await payer.pay({ invoice, paymentHashHex, amountMsat, feeLimitMsat: 10_000, timeoutMs: 5000 });
    expect(outcome).toMatchObject({ state: 'failed', reason: 'rejected_before_sending' });
    expect(daemon.ledger.outgoing).toEqual([]);
  });

  it('are refused when wrong, by every call, with neither of them in the error', async () => {
    const wrong = { ...full(), password: 'feedface-feedface' };
    const issuer = createPhoenixdIssuer(wrong);
    for (const call of [
      () => issuer.create(request),
      () => issuer.lookUp('ab'.repeat(32)),
      () => issuer.receivableMsat(),
      () => issuer.inspect(),
      () => connectPhoenixdPayer(wrong),
      () => inspectPhoenixd(wrong),
    ]) {
      const error: unknown = await call().catch((cause: unknown) => cause);
      expect(error).toMatchObject({ code: 'WALLET_PERMISSION_DENIED', fundsMoved: 'no' });
      expect(`${String(error)} ${JSON.stringify(error)}`).not.toMatch(/feedface|OmZlZWRmYWNl/);
    }
  });
});

describe('the address and password of a phoenixd', () => {
  it.each([
    ['ftp://127.0.0.1', 'x'],
    ['127.0.0.1:9740', 'x'],
    ['http://feedface@127.0.0.1:9740', 'x'],
    ['http://:feedface@127.0.0.1:9740', 'x'],
    ['http://127.0.0.1:9740?feedface', 'x'],
    ['http://192.0.2.7:9740', 'x'],
    ['http://phoenixd.example:9740', 'x'],
    ['http://127.0.0.1.example:9740', 'x'],
    ['http://127.0.0.1:9740', ''],
    ['http://127.0.0.1:9740', 'feedface\r\nX-Other: 1'],
    ['http://127.0.0.1:9740', 'feedface€'],
  ])('are not configured as %s and %j, and are not repeated', (url, password) => {
    const failure = (() => {
      try {
        return createPhoenixdIssuer({ url, password, egress });
      } catch (error) {
        return error;
      }
    })();
    expect(failure).toMatchObject({ code: 'WALLET_NOT_CONFIGURED', fundsMoved: 'no' });
    expect(`${String(failure)} ${JSON.stringify(failure)}`).not.toContain('feedface');
  });

  it.each(['https://phoenixd.example', 'http://localhost:9740/', 'http://[::1]:9740', 'http://127.1.2.3/some/path//'])(
    'may be %s',
    (url) => {
      expect(createPhoenixdIssuer({ url, password: 'x', egress }).kind).toBe('phoenixd');
    },
  );

  it('may have a path and a slash at the end', async () => {
    const issuer = createPhoenixdIssuer({ ...limited(), url: `${daemon.url}/` });
    expect((await issuer.create(request)).amountMsat).toBe(2000);
    const behindPath = createPhoenixdIssuer({ ...limited(), url: `${daemon.url}/phoenix//` });
    daemon.calls.length = 0;
    await expect(behindPath.receivableMsat()).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID' });
    expect(daemon.calls.map(({ path }) => path)).toEqual(['/phoenix/getinfo']);
  });
});

describe('a phoenixd behind TLS', () => {
  it('is shown no password where nobody vouches for its certificate', async () => {
    const { certificatePem, privateKeyPem } = createSelfSignedCertificate(Date.now());
    let requests = 0;
    const server = createServer({ cert: certificatePem, key: privateKeyPem }, (_request, response) => {
      requests += 1;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(connectPhoenixdPayer({ ...full(), url })).rejects.toMatchObject({
      code: 'WALLET_UNREACHABLE',
      fundsMoved: 'no',
    });
    expect(requests).toBe(0);
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('the network of a phoenixd', () => {
  it('is the only one where it is configured', async () => {
    await expect(connectPhoenixdPayer({ ...full(), network: 'bitcoin' })).rejects.toMatchObject({
      code: 'WALLET_NETWORK_MISMATCH',
    });
    const issuer = createPhoenixdIssuer({ ...limited(), network: 'bitcoin' });
    await expect(issuer.create(request)).rejects.toMatchObject({ code: 'WALLET_NETWORK_MISMATCH' });
    expect((await connectPhoenixdPayer({ ...full(), network: 'regtest' })).network).toBe('regtest');
  });

  it.each([
    ['mainnet', 'bitcoin'],
    ['testnet', 'testnet'],
    ['testnet3', 'testnet'],
    ['signet', 'signet'],
  ])('%s is %s', async (chain, network) => {
    daemon.chain = chain;
    expect((await connectPhoenixdPayer(full())).network).toBe(network);
    daemon.chain = 'regtest';
  });

  it('is not taken from a name that nobody knows', async () => {
    for (const chain of ['', 'constructor', '__proto__', 'MAINNET']) {
      daemon.chain = chain;
      await expect(connectPhoenixdPayer(full())).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID' });
    }
    daemon.chain = 'regtest';
  });
});

describe('a wallet that was opened without a door of its own', () => {
  it('closes without breaking those of others', async () => {
    const one = createPhoenixdIssuer(limited());
    const other = createPhoenixdIssuer(limited());
    await one.close();
    await expect(one.create(request)).rejects.toMatchObject({ code: 'WALLET_UNREACHABLE', fundsMoved: 'no' });
    expect((await other.create(request)).amountMsat).toBe(2000);
  });
});
