import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  connectPayingWallet,
  connectReadingWallet,
  inspectWallet,
  openReceivingWallet,
  type WalletSettings,
} from '@satway/wallets/open-wallet';
import { describe, expect, it, onTestFinished } from 'vitest';

/** A server that knows no wallet's language, and remembers how it was spoken to. */
async function startStranger(): Promise<{ url: string; heard: IncomingHttpHeaders[] }> {
  const heard: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    heard.push(request.headers);
    response.writeHead(418).end('<html>no wallet</html>');
  });
  server.on('upgrade', (request, socket) => {
    heard.push(request.headers);
    socket.end('HTTP/1.1 418 No relay\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}

/** Of the private key 1; a connection wants a point of the curve. */
const WALLET_PUBKEY = '79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';
const relayOf = (url: string): string => encodeURIComponent(url.replace(/^http/, 'ws'));

const MACAROON = `0201036c6e6402${'ab'.repeat(20)}`;

/** How each kind shows its credential, by its own documentation. */
const SPOKEN: readonly [WalletSettings['kind'], (url: string) => WalletSettings, IncomingHttpHeaders][] = [
  ['lnd', (url) => ({ kind: 'lnd', url, macaroonHex: MACAROON }), { 'grpc-metadata-macaroon': MACAROON }],
  ['lnbits', (url) => ({ kind: 'lnbits', url, key: 'invoice-key' }), { 'x-api-key': 'invoice-key' }],
  [
    'nwc',
    (url) => ({
      kind: 'nwc',
      uri: `nostr+walletconnect://${WALLET_PUBKEY}?relay=${relayOf(url)}&secret=${'12'.repeat(32)}`,
    }),
    { upgrade: 'websocket' },
  ],
  [
    'phoenixd',
    (url) => ({ kind: 'phoenixd', url, password: 'hunter2' }),
    { authorization: `Basic ${Buffer.from(':hunter2').toString('base64')}` },
  ],
];

describe.each(SPOKEN)('settings of kind %s', (kind, settingsFor, credential) => {
  const stranger = expect.objectContaining({
    code: expect.stringMatching(/^WALLET_/) as string,
    fundsMoved: 'no',
  }) as Error;

  it('open a wallet of that kind, which shows the credential its own way', async () => {
    const { url, heard } = await startStranger();
    const issuer = await openReceivingWallet(settingsFor(url));
    expect(issuer.kind).toBe(kind);
    expect(heard, 'opening asks nothing').toEqual([]);
    await expect(issuer.lookUp('ab'.repeat(32))).rejects.toThrow(stranger);
    await expect(connectPayingWallet(settingsFor(url))).rejects.toThrow(stranger);
    await expect(connectReadingWallet(settingsFor(url))).rejects.toThrow(stranger);
    await inspectWallet(settingsFor(url)).catch((error: unknown) => expect(error).toEqual(stranger));
    expect(heard.length).toBeGreaterThan(1);
    for (const headers of heard) expect(headers).toMatchObject(credential);
    await issuer.close();
  });
});
