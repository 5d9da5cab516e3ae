import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  connectPayingWallet,
  inspectWallet,
  openReceivingWallet,
  type WalletSettings,
} from '@satway/wallets/open-wallet';
import { describe, expect, it, onTestFinished } from 'vitest';

/** A server that puts what it was shown into every field in which a wallet explains itself. */
async function startEcho(status: number, form: 'json' | 'text'): Promise<string> {
  const server = createServer((request, response) => {
    const { authorization = '', 'x-api-key': key = '', 'grpc-metadata-macaroon': macaroon = '' } = request.headers;
    const password = Buffer.from(authorization.replace('Basic ', ''), 'base64').toString().replace(/^:/, '');
    const shown = [String(key), String(macaroon), authorization, password].filter((text) => text !== '').join(' or ');
    const words = `no such credential ${shown} here`;
    const fields = { code: 2, message: words, detail: words, error: { code: 2, message: words }, reason: words };
    response.writeHead(status, { 'content-type': form === 'json' ? 'application/json' : 'text/plain' });
    response.end(form === 'json' ? JSON.stringify(fields) : words);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const MACAROON_HEX = `0201036c6e640258030a${'5eb63bbbe01eeed093cb22bb8f5acdc3'.repeat(3)}`;
const WALLETS: readonly [string, (url: string) => WalletSettings, readonly string[]][] = [
  ['lnd', (url) => ({ kind: 'lnd', url, macaroonHex: MACAROON_HEX }), [MACAROON_HEX.slice(20, 60)]],
  ['lnbits', (url) => ({ kind: 'lnbits', url, key: '5eb63bbbe01eeed0' }), ['5eb63bbbe01eeed0']],
  [
    'phoenixd',
    (url) => ({ kind: 'phoenixd', url, password: 'correct-horse' }),
    ['correct-horse', Buffer.from(':correct-horse').toString('base64')],
  ],
];

/** Everything that can reach a log: message, stack, facts, JSON and the chain of causes. */
function allOf(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error) ?? '';
  return [String(error.stack), JSON.stringify(error), JSON.stringify(Object.entries(error)), allOf(error.cause)].join();
}

describe.each(WALLETS)('what %s says when it is shown a credential', (_, settingsFor, secrets) => {
  const answers = [400, 401, 403, 404, 500, 503, 520, 200].flatMap((status) => [
    [status, 'json'] as const,
    [status, 'text'] as const,
  ]);
  it.each(answers)('reaches nobody with the secret in it: HTTP %i, %s', async (status, form) => {
    const settings = settingsFor(await startEcho(status, form));
    const issuer = await openReceivingWallet(settings);
    const invoice = { amountMsat: 1000, description: 'one call', expirySeconds: 60 };
    const attempts = [
      issuer.create(invoice),
      issuer.lookUp('ab'.repeat(32)),
      issuer.receivableMsat(),
      connectPayingWallet(settings),
      inspectWallet(settings),
    ];
    const outcomes = await Promise.all(attempts.map((attempt) => attempt.then(JSON.stringify, allOf)));
    for (const secret of secrets) {
      expect(outcomes.filter((outcome) => outcome?.toLowerCase().includes(secret.toLowerCase()))).toEqual([]);
    }
    await issuer.close();
  });
});
