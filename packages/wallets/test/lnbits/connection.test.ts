import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createEgress, type Egress } from '@satway/egress';
import { connectLnbitsPayer, createLnbitsIssuer, inspectLnbits } from '@satway/wallets/lnbits';
import { createSelfSignedCertificate } from '@satway/wallets/sandbox';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startRawServer, unary } from '../lnd/raw-server.js';
import { ADMIN_KEY, HASH, INVOICE_KEY, json, type LnbitsServer, startLnbitsServer } from './lnbits-server.js';

let egress: Egress;
let server: LnbitsServer;
beforeAll(() => {
  egress = createEgress();
});
afterAll(() => egress.close());
beforeEach(async () => {
  server = await startLnbitsServer();
});
afterEach(() => server.close());

const failureOf = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return error;
  }
};

describe('an address of LNbits', () => {
  it.each([
    'http://pay.example.com',
    'http://127.0.0.1.example.com',
    'http://localhost.example.com',
    'http://10.0.0.1:5000',
    'https://user:feedface@pay.example.com',
    'https://feedface@pay.example.com',
    'https://pay.example.com/?api-key=feedface',
    'https://pay.example.com/#feedface',
    'ftp://pay.example.com',
    'pay.example.com',
    '',
  ])('%j is refused, without being repeated', (url) => {
    const failure = failureOf(() => createLnbitsIssuer({ url, key: INVOICE_KEY, egress }));
    expect(failure).toMatchObject({ code: 'WALLET_NOT_CONFIGURED', fundsMoved: 'no' });
    expect(`${String(failure)} ${JSON.stringify(failure)}`).not.toContain('feedface');
  });

  it.each([
    'http://127.0.0.1:5000',
    'http://127.8.9.1',
    'http://[::1]:5000/',
    'http://localhost/lnbits//',
    'https://pay.example.com/lnbits',
  ])('%j is taken', (url) => {
    expect(createLnbitsIssuer({ url, key: INVOICE_KEY, egress })).toMatchObject({ kind: 'lnbits' });
  });

  it('is used with its path, whether or not it ends in a slash', async () => {
    for (const url of [server.url, `${server.url}/`, `${server.url}//`]) {
      expect(await inspectLnbits({ url, key: ADMIN_KEY, egress })).toMatchObject({ can: { pay: true } });
    }
    expect(server.asked('wallet').map(({ head }) => head.split(' ')[1])).toEqual(
      Array.from({ length: 3 }, () => '/pay/lnbits/api/v1/wallet'),
    );
  });

  it.each(['', 'short', 'feedface feedface', 'feedface\r\nHost: x', 'é'.repeat(32)])(
    'is not used with the key %j, which is not repeated',
    (key) => {
      const failure = failureOf(() => createLnbitsIssuer({ url: server.url, key, egress }));
      expect(failure).toMatchObject({ code: 'WALLET_NOT_CONFIGURED', fundsMoved: 'no' });
      expect(`${String(failure)} ${JSON.stringify(failure)}`).not.toContain('feedface');
    },
  );
});

describe('a redirect', () => {
  it.each([301, 302, 307, 308])('with %i is never followed with the key', async (status) => {
    const elsewhere = await startRawServer();
    elsewhere.script = (socket) => void socket.write(json(200, { name: 'w', balance: 0, id: 'thief' }));
    const head = `HTTP/1.1 ${status} X\r\nLocation: ${elsewhere.url}/api/v1/wallet\r\nContent-Length: 0\r\n\r\n`;
    server.routes.wallet = () => head;
    await expect(inspectLnbits({ url: server.url, key: ADMIN_KEY, egress })).rejects.toMatchObject({
      code: 'WALLET_ANSWER_INVALID',
      fundsMoved: 'no',
    });
    expect(elsewhere.requests).toEqual([]);
    await elsewhere.close();
  });
});

describe('what a key may do', () => {
  it('is asked with one call that moves and creates nothing', async () => {
    expect(await inspectLnbits({ url: server.url, key: ADMIN_KEY, egress })).toMatchObject({
      kind: 'lnbits',
      network: null,
      can: { pay: true, createInvoice: true, read: true, administer: true },
      excess: { pay: [] },
    });
    expect(server.raw.requests.map(({ head }) => head.split(' ').slice(0, 2).join(' '))).toEqual([
      'GET /pay/lnbits/api/v1/wallet',
    ]);
  });

  it('names what an admin key allows beyond receiving and reading, and nothing of an invoice key', async () => {
    const admin = await inspectLnbits({ url: server.url, key: ADMIN_KEY, egress });
    expect(admin.excess.receive?.join()).toContain('pay invoices');
    expect(admin.excess.read?.join()).toContain('pay invoices');
    const invoice = await inspectLnbits({ url: server.url, key: INVOICE_KEY, egress, network: 'regtest' });
    expect(invoice).toMatchObject({
      network: 'regtest',
      can: { pay: false, createInvoice: true, read: true, administer: false },
      excess: { pay: [], receive: [], read: [] },
    });
    expect(invoice.howToNarrow.receive).toContain('invoice key');
  });

  it.each([[''], ['../x'], ['a'.repeat(65)], [7], [null]])(
    'cannot be told where the wallet’s id is %j, and nothing is paid with it',
    async (id) => {
      server.routes.wallet = () => json(200, { name: 'w', balance: 0, id });
      const at = { url: server.url, key: ADMIN_KEY, egress };
      expect(await inspectLnbits(at)).toMatchObject({
        can: { pay: null, createInvoice: true, read: true, administer: null },
        excess: { pay: [], receive: null, read: null },
      });
      await expect(connectLnbitsPayer(at)).rejects.toMatchObject({ code: 'WALLET_ANSWER_INVALID', fundsMoved: 'no' });
    },
  );

  it('is a refusal for a key that LNbits does not know', async () => {
    server.routes.wallet = () => json(404, { detail: 'Wallet not found.' });
    await expect(inspectLnbits({ url: server.url, key: 'deadbeef'.repeat(4), egress })).rejects.toMatchObject({
      code: 'WALLET_PERMISSION_DENIED',
      fundsMoved: 'no',
    });
  });
});

describe('many calls at the same time', () => {
  it('are made without a warning of the runtime', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on('warning', note);
    const issuer = createLnbitsIssuer({ url: server.url, key: INVOICE_KEY, egress });
    await Promise.all(Array.from({ length: 30 }, () => issuer.inspect()));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });
});

describe('a secret', () => {
  it('is in no error, whatever LNbits says', async () => {
    server.routes.row = () => json(500, { detail: `your key ${INVOICE_KEY} is odd, preimage=${'ab'.repeat(32)}` });
    const issuer = createLnbitsIssuer({ url: server.url, key: INVOICE_KEY, egress });
    const failure: unknown = await issuer.lookUp(HASH).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'WALLET_UNREACHABLE' });
    const shown = `${String(failure)} ${JSON.stringify(failure)}`;
    expect(shown).toContain('is odd');
    expect(shown).not.toContain(INVOICE_KEY);
    expect(shown).not.toContain('abababab');
  });
});

describe('a certificate that nobody vouches for', () => {
  it('is refused before the key is sent', async () => {
    const { certificatePem, privateKeyPem } = createSelfSignedCertificate(Date.now());
    let seen = 0;
    const secure = createServer({ cert: certificatePem, key: privateKeyPem }, (_, response) => {
      seen += 1;
      response.end(unary(200, '{}'));
    }).listen(0, '127.0.0.1');
    await once(secure, 'listening');
    const url = `https://127.0.0.1:${(secure.address() as AddressInfo).port}`;
    await expect(inspectLnbits({ url, key: ADMIN_KEY, egress })).rejects.toMatchObject({
      code: 'WALLET_UNREACHABLE',
      fundsMoved: 'no',
    });
    expect(seen).toBe(0);
    secure.close();
  });
});
