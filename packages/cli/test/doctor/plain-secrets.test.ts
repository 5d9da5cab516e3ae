import { describe, expect, it } from 'vitest';
import { findPlainSecrets } from '../../src/doctor/facts/plain-secrets.js';

describe('a secret in a configuration', () => {
  it.each([
    ['a macaroon under its name', 'wallet: {kind: lnd, macaroon: 0201036c6e64}', 'macaroon'],
    ['a key of LNbits', 'wallet: {kind: lnbits, key: "d41d8cd98f00b204e9800998ecf8427e"}', 'key'],
    ['a password', '  password: hunter2!', 'password'],
    ['a password in JSON', '{"kind":"phoenixd","password":"hunter2!"}', 'password'],
    ['a wallet connection', '  uri: nostr+walletconnect://b889?relay=wss://r&secret=71a8', 'by its form'],
    ['a database address with a password', '  url: postgres://me:hunter2@db/x', 'by its form'],
    ['long hex under any name', '  note: 0123456789abcdef0123456789abcdef', 'note'],
    ['one in a comment', '# url: postgres://me:hunter2@db/x', 'by its form'],
    ['the default of a placeholder', 'key: "${NOPE:-d41d8cd98f00b204e9800998ecf8427e}"', 'key'],
    ['a default without quotes', 'password: ${NOPE:-hunter2!}', 'password'],
    ['long hex as a default, under any name', 'note: ${NOPE:-0123456789abcdef0123456789abcdef}', 'note'],
    [
      'a credential of two halves, neither of which is told',
      `# ${'Agh7'.repeat(20)}:${'0f'.repeat(32)}`,
      'by its form',
    ],
    ['one beside a placeholder', 'url: postgres://${USER}:hunter2@db/x', 'by its form'],
    ['one behind other keys of a line', 'a: {b: 1, c: 2, secret: s3cr3t}', 'secret'],
  ])('is found: %s', (_what, text, name) => {
    expect(findPlainSecrets('satway.yaml', `version: 1\n${text}\n`)).toEqual([
      { file: 'satway.yaml', line: 2, name, isWalletFile: false },
    ]);
  });

  it.each([
    ['a file that is named', 'wallet: {kind: lnd, macaroonFile: ./invoice.macaroon, tlsCertFile: ./tls.cert}'],
    ['a variable that is named', 'wallet: {kind: phoenixd, passwordEnv: PHOENIXD_PASSWORD}'],
    ['a placeholder', '  password: ${PHOENIXD_PASSWORD}'],
    ['a placeholder in quotes', '  key: "${LNBITS_INVOICE_KEY}"'],
    ['a placeholder with an empty default', '  key: "${LNBITS_INVOICE_KEY:-}"'],
    ['an address as a default', 'url: ${LND_URL:-https://127.0.0.1:8080}'],
    ['an address whose password is a placeholder', 'url: postgres://me:${DB_PASSWORD}@db/x'],
    ['the file of keys', 'keys: ./keys.json'],
    ['the tenant id', 'tenant: {id: 6f1c2d34-5e6f-4a7b-8c9d-0e1f2a3b4c5d, slug: acme}'],
    ['a fingerprint', `  tlsFingerprint: ${'ab'.repeat(32)}`],
    ['an address', 'origin: http://127.0.0.1:9000'],
    ['a price', '  - {id: tile, method: GET, path: /v1/tile/:z/:x/:y, priceMsat: 250, uses: 20}'],
  ])('is not seen in %s', (_what, text) => {
    expect(findPlainSecrets('satway.yaml', text)).toEqual([]);
  });

  it('is looked for in steps that grow with the file: a line of 800,000 characters is looked through', () => {
    const text = `kind: lnd\n${'ab12'.repeat(200_000)}\npassword: hunter2!\n`;
    expect(findPlainSecrets('wallet.yaml', text).map(({ line }) => line)).toEqual([3]);
  });
});
