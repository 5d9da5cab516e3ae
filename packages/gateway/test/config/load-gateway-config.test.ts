import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SatwayError } from '@satway/base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKeyFile, loadGatewayConfig } from '../../src/index.js';

const MACAROON_HEX = '0201036c6e6400';
const HEAD = `version: 1
tenant: {id: 6f1d3c52-8a3b-4c1e-9d2f-0a1b2c3d4e5f, slug: acme}
origin: http://127.0.0.1:9000
keys: ./keys.json
store: {kind: memory}
wallet: {kind: lnd, url: https://127.0.0.1:8080, macaroonFile: ./invoice.macaroon}
`;
const ENDPOINTS = `endpoints:
  - {id: forecast, method: GET, path: /v1/forecast/:city, priceSats: 5}
`;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'satway-config-'));
  await writeFile(join(folder, 'invoice.macaroon'), Buffer.from(MACAROON_HEX, 'hex'));
  await createKeyFile(join(folder, 'keys.json'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function load(text: string, environment: Record<string, string> = {}) {
  const path = join(folder, 'satway.yaml');
  await writeFile(path, text);
  return loadGatewayConfig(path, environment);
}

/** The lines `line:column path message` that a refused file is told. */
async function mistakesOf(text: string, environment: Record<string, string> = {}): Promise<string[]> {
  const error: unknown = await load(text, environment).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(SatwayError);
  expect((error as SatwayError).code).toBe('CONFIG_INVALID');
  return ((error as SatwayError).detail ?? '')
    .split('\n')
    .slice(1)
    .map((line) => line.trim());
}

const endpoint = (entry: string): Promise<string[]> => mistakesOf(`${HEAD}endpoints:\n  - {${entry}}\n`);

describe('a good file', () => {
  it('is completed with safe defaults, its secrets are read, and it is frozen', async () => {
    const config = await load(HEAD + ENDPOINTS);
    expect(config.listen).toEqual({ host: '127.0.0.1', port: 8402 });
    expect(config.wallets).toEqual([
      { settings: { kind: 'lnd', url: 'https://127.0.0.1:8080', macaroonHex: MACAROON_HEX }, allowPowers: [] },
    ]);
    expect(config.keysPath).toBe(join(folder, 'keys.json'));
    expect(config.sizes.requestBodyBytes).toBe(1_048_576);
    expect(config.endpoints).toEqual([
      {
        id: 'forecast',
        method: 'GET',
        path: '/v1/forecast/:city',
        price: { model: 'per_request', priceMsat: 5_000, uses: 1 },
      },
    ]);
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.endpoints[0]?.price)).toBe(true);
  });

  it('takes the example of the documentation: millisatoshis with uses, and a free endpoint', async () => {
    const config = await load(`${HEAD}endpoints:
  - {id: tile, method: GET, path: /v1/tile/:z/:x/:y, priceMsat: 250, uses: 20}
  - {id: ping, method: GET, path: /ping, free: true}
`);
    expect(config.endpoints.map((entry) => entry.price)).toEqual([
      { model: 'per_request', priceMsat: 250, uses: 20 },
      { model: 'free' },
    ]);
  });

  it.each([
    ['raw bytes', Buffer.from(MACAROON_HEX, 'hex')],
    ['hex', `${MACAROON_HEX.toUpperCase()}\n`],
    ['base64', Buffer.from(MACAROON_HEX, 'hex').toString('base64')],
  ])('reads a macaroon file of %s', async (_form, content) => {
    await writeFile(join(folder, 'invoice.macaroon'), content);
    const { wallets } = await load(HEAD + ENDPOINTS);
    expect(wallets[0]?.settings).toMatchObject({ macaroonHex: MACAROON_HEX });
  });

  it('takes the macaroon and the address of the database from the environment', async () => {
    const text = HEAD.replace('macaroonFile: ./invoice.macaroon', 'macaroonEnv: MY_MACAROON').replace(
      '{kind: memory}',
      '{kind: postgres, urlEnv: MY_DATABASE}',
    );
    const environment = { MY_MACAROON: MACAROON_HEX, MY_DATABASE: 'postgres://u:p@db/satway' };
    const config = await load(text + ENDPOINTS, environment);
    expect(config.wallets[0]?.settings).toMatchObject({ macaroonHex: MACAROON_HEX });
    expect(config.store).toEqual({ kind: 'postgres', url: 'postgres://u:p@db/satway' });
  });

  it('reads a moment before which quotes are void, as time or as milliseconds', async () => {
    const config = await load(`${HEAD}endpoints:
  - {id: a, method: GET, path: /a, priceSats: 1, quotesValidAfter: 2026-01-31T00:00:00Z}
  - {id: b, method: GET, path: /b, priceSats: 1, quotesValidAfter: 1769817600000}
`);
    expect(config.endpoints.map((entry) => entry.quotesValidAfterMs)).toEqual([1_769_817_600_000, 1_769_817_600_000]);
  });
});

describe('the life of invoices', () => {
  const WALLET = '{kind: lnbits, url: https://pay.example, keyEnv: KEY}';
  const loadWith = (wallet: string, more: string) =>
    load(HEAD.replace(/^wallet: .*$/m, wallet) + more + ENDPOINTS, { KEY: 'f00d'.repeat(8), NWC });
  const NWC = `nostr+walletconnect://${'ab'.repeat(32)}?relay=wss://relay.example&secret=${'cd'.repeat(32)}`;

  it.each([
    ['ten minutes', 'wallet: {kind: nwc, uriEnv: NWC}', '', 600_000],
    ['an hour with LNbits, which credits nothing after it', `wallet: ${WALLET}`, '', 3_600_000],
    ['an hour with LNbits in a list', `wallets: [{kind: nwc, uriEnv: NWC}, ${WALLET}]`, '', 3_600_000],
    ['what the file says', `wallet: ${WALLET}`, 'invoiceExpiryMs: 20000\n', 20_000],
  ])('is %s', async (_, wallet, more, invoiceExpiryMs) => {
    expect(await loadWith(wallet, more)).toMatchObject({ invoiceExpiryMs });
  });

  it('is refused where it is more than a third of the life of a credential', async () => {
    const text = `${HEAD}invoiceExpiryMs: 1200001
endpoints:
  - {id: a, method: GET, path: /a, priceSats: 1}
  - {id: b, method: GET, path: /b, priceSats: 1, credentialLifeMs: 3600002}
  - {id: c, method: GET, path: /c, priceSats: 1, credentialLifeMs: 3600003}
  - {id: d, method: GET, path: /d, free: true}
`;
    expect((await mistakesOf(text)).map((line) => line.replace(/^\S+ /, ''))).toEqual([
      'endpoints[0].credentialLifeMs must be at least three times invoiceExpiryMs (1200001), which is 3600003; it is 3600000',
      'endpoints[1].credentialLifeMs must be at least three times invoiceExpiryMs (1200001), which is 3600003; it is 3600002',
    ]);
  });

  it.each(['9999', '604800001', '600.5', '10m'])('is no %s', async (value) => {
    const mistakes = await mistakesOf(`${HEAD}invoiceExpiryMs: ${value}\n${ENDPOINTS}`);
    expect(mistakes.filter((line) => / invoiceExpiryMs must be /.test(line))).toHaveLength(1);
  });
});

describe('a file with mistakes', () => {
  it('is told all of them at once, each with its place', async () => {
    const text = `version: 1
tenant: {id: acme, slug: Acme}
orgin: http://127.0.0.1:9000
keys: ./keys.json
store: {kind: memory}
wallet: {kind: lnd, url: https://127.0.0.1:8080, macaroonFile: ./missing.macaroon}
endpoints:
  - {id: forecast, method: GET, path: /v1/forecast/:city, priceSats: 0}
  - {id: forecast, method: get, path: /x, priceSats: 1, free: true}
`;
    expect(await mistakesOf(text)).toEqual([
      '1:1 origin is missing',
      '2:14 tenant.id must be a UUID in lower case; `satway gateway init` writes a file with a fresh one, which then stays the same for ever',
      '2:26 tenant.slug must be 1 to 64 of a-z, 0-9 and -',
      '3:1 orgin is not a key here; did you mean origin?',
      '6:64 wallet.macaroonFile names a file that cannot be read',
      '8:70 endpoints[0].priceSats must be at least 1; say free: true to give it away',
      '9:10 endpoints[1].id is the id of endpoints[0] already',
      '9:28 endpoints[1].method must be one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
      '9:43 endpoints[1].priceSats contradicts free: true',
    ]);
  });

  it('is told of files that it names together with everything else', async () => {
    await rm(join(folder, 'keys.json'));
    const text = HEAD.replace('{kind: memory}', '{kind: postgres, urlFile: ./none.url}')
      .replace('invoice.macaroon', 'none.macaroon')
      .replace('}\n', ', note: x}\n');
    const places = (await mistakesOf(text + ENDPOINTS.replace('GET', 'TRACE'))).map((line) => line.split(' ', 2));
    expect(places).toEqual([
      ['2:64', 'tenant.note'],
      ['4:7', 'keys'],
      ['5:34', 'store.urlFile'],
      ['6:64', 'wallet.macaroonFile'],
      ['8:28', 'endpoints[0].method'],
    ]);
  });

  it.each([
    ['is missing', () => rm(join(folder, 'keys.json')), 'cannot be read'],
    ['others may read', () => chmod(join(folder, 'keys.json'), 0o644), 'give it the rights 0600'],
    ['holds no keys', () => writeFile(join(folder, 'keys.json'), '{}'), 'It is not of the form'],
  ])('is told of a key file that %s', async (_what, spoil, message) => {
    await spoil();
    const mistakes = await mistakesOf(HEAD + ENDPOINTS);
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(/^4:7 keys names a file that cannot be used: /);
    expect(mistakes[0]).toContain(message);
  });

  it('names `satway gateway init` where the tenant is missing', async () => {
    expect(await mistakesOf(HEAD.replace(/tenant:.*\n/, 'tenant: {slug: acme}\n') + ENDPOINTS)).toEqual([
      '2:9 tenant.id is missing; `satway gateway init` writes a file with a fresh one, which then stays the same for ever',
    ]);
  });

  it.each([
    ['priceSats: 0', 'must be at least 1; say free: true to give it away'],
    ['priceSats: -1', 'must be at least 1, not -1: nobody is paid for calling'],
    ['priceSats: 1.5', 'must be a whole number of sats; for 1.5 sats say priceMsat: 1500'],
    ['priceSats: "10 sat"', 'must be a number of sats without quotes and without a unit, such as 10'],
    ['priceSats: 10 sat', 'must be a number of sats without quotes and without a unit, such as 10'],
    ['priceSats: .nan', 'must be a whole number of sats'],
    ['priceSats: .inf', 'must be a whole number of sats, not Infinity'],
    ['priceSats: 2100000000001', 'must be at most 2100000000000'],
    ['priceMsat: 0.5', 'must be a whole number of millisatoshis, not 0.5'],
    ['priceSats: [5]', 'must be a whole number of sats'],
    ['priceSats: null', 'must be a whole number of sats'],
  ])('says what is wrong with %s', async (price, message) => {
    const key = price.startsWith('priceMsat') ? 'priceMsat' : 'priceSats';
    expect(await endpoint(`id: a, method: GET, path: /a, ${price}`)).toEqual([`8:47 endpoints[0].${key} ${message}`]);
  });

  it.each([
    ['id: a, method: GET, path: /a', 'has no price; give priceSats or priceMsat, or say free: true'],
    ['id: a, method: GET, path: /a, priceSats: 1, priceMsat: 5', 'contradicts priceSats; give one of the two'],
    ['id: a, method: GET, path: /a, free: true, uses: 2', 'contradicts free: true'],
    ['id: a, method: GET, path: /a, priceSats: 1, uses: 0', 'must be 1 to 4294967295, not 0'],
    ['id: A_b, method: GET, path: /a, priceSats: 1', 'must be 1 to 64 of a-z, 0-9 and -'],
    ['id: a, method: GET, path: a, priceSats: 1', 'must start with /'],
    ['id: a, method: GET, path: /a/*, priceSats: 1', 'segment "*" is neither a literal nor a :name'],
    ['id: a, method: GET, path: /HealthZ/, priceSats: 1', '/healthz belongs to the gateway itself'],
    [
      'id: a, method: GET, path: /.well-known/l402-gateway.json, free: true',
      '/.well-known/l402-gateway.json belongs to the gateway itself',
    ],
    ['id: a, method: GET, path: /a, price: 5, free: true', 'is not a key here; it is called priceSats or priceMsat'],
    ['id: a, method: GET, path: /a, pricesats: 5, free: true', 'is not a key here; did you mean priceSats?'],
    [
      'id: a, method: TRACE, path: /a, free: true',
      '8:21 endpoints[0].method must be one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
    ],
    ['id: a, method: GET, path: /a, free: yes', 'must be true, or be left out'],
    ['id: a, method: GET, path: /a, priceSats: 1, credentialLifeMs: 5184000001', 'must be 3000 to 5184000000'],
    ['id: a, method: GET, path: /a, priceSats: 1, leaseMs: 600001', 'must be 100 to 600000'],
    [
      'id: a, method: GET, path: /a, priceSats: 1, quotesValidAfter: 2999-01-01T00:00:00Z',
      '8:68 endpoints[0].quotesValidAfter must not lie ahead: all that is sold until then would be void',
    ],
  ])('refuses {%s}', async (entry, message) => {
    const mistakes = await endpoint(entry);
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toContain(message);
  });

  it('refuses two endpoints that answer the same requests', async () => {
    const mistakes = await mistakesOf(`${HEAD}endpoints:
  - {id: a, method: GET, path: /v1/:city, priceSats: 1}
  - {id: b, method: GET, path: /V1/:town/, priceSats: 2}
`);
    expect(mistakes).toEqual(['9:32 endpoints[1].path is, with this method, that of endpoints[0] already']);
  });

  it.each([
    ['store', '{kind: postgres}', 'needs one of url, urlFile, urlEnv'],
    [
      'store',
      '{kind: postgres, url: "postgres://u:hunter2@db/x"}',
      'holds a password; put the address into urlFile or urlEnv',
    ],
    ['store', '{kind: postgres, url: "mysql://db/x"}', 'must start with postgres://'],
    ['store', '{kind: postgres, urlEnv: NOT_SET}', 'names the variable NOT_SET, which is not set'],
    [
      'store',
      '{kind: redis}',
      'must be {kind: pglite}, {kind: postgres} or {kind: memory}, with the keys of that kind',
    ],
    ['wallet', '{kind: lnd, url: https://n:8080}', 'needs one of macaroonFile, macaroonEnv'],
    [
      'wallet',
      '{kind: lnd, url: http://node:8080, macaroonEnv: M}',
      'must be https: the macaroon would cross the network in the clear',
    ],
    [
      'wallet',
      '{kind: lnd, url: https://n:8080, macaroonHex: "0201", macaroonEnv: M}',
      'it is called macaroonFile or macaroonEnv',
    ],
    ['wallet', '{kind: lnd, url: https://n:8080, macaroonEnv: BAD}', 'does not hold a macaroon (raw, hex or base64)'],
    ['listen', '{port: 70000}', 'must be 0 to 65535, not 70000'],
    ['listen', '{port: "8402"}', 'must be a number without quotes and without a unit'],
    ['admin', '{port: 8402}', 'is the port of listen already'],
    ['limits', '{heldBodyBytes: 5}', 'heldBodyBytes (5) must be at least requestBodyBytes (1048576)'],
    [
      'limits',
      '{requestBodyBytes: 134217729}',
      'heldBodyBytes (134217728) must be at least requestBodyBytes (134217729)',
    ],
    ['confirmSettlement', '1', 'must be true or false'],
    ['watch', '{balanceBelowSats: 1}', 'a credential that only receives does not see the balance'],
    ['watch', '{everyMs: 999}', 'must be 1000 to 86400000, not 999'],
    ['publicUrl', 'https://api.example.com/shop', 'must end after the host and the port'],
    ['trustedProxies', '[10.0.0.0/33]', 'must be an IP address or a network such as 10.0.0.0/8'],
    ['timeouts', '{totalMs: 30s}', 'must be a number without quotes and without a unit'],
    ['rates', '{invoicesPerAddress: {burst: 0, perSecond: 1}}', 'must be off, or {burst: …, perSecond: …}'],
  ])('refuses %s: %s', async (key, value, message) => {
    const text = `${HEAD}${ENDPOINTS}`.replace(new RegExp(`^${key}:.*\\n`, 'm'), '');
    const mistakes = await mistakesOf(`${text}${key}: ${value}\n`, { M: MACAROON_HEX, BAD: 'not a macaroon' });
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toContain(message);
    expect(mistakes[0]).not.toContain('hunter2');
  });

  it.each([
    [
      'a key that stands twice',
      `${HEAD}${ENDPOINTS}keys: ./other.json\n`,
      /^9:1 \(file\) a key that stands here already$/,
    ],
    ['text that is not YAML', 'version: [1', /^1:12 \(file\) /],
    ['nothing', '', /^1:1 version is missing/],
    ['a list', '- a\n', /^1:1 \(file\) must be a group of keys/],
  ])('refuses %s', async (_what, text, first) => {
    expect((await mistakesOf(text))[0]).toMatch(first);
  });

  it('is not read at all where it is not there', async () => {
    await expect(loadGatewayConfig(join(folder, 'none.yaml'))).rejects.toMatchObject({ code: 'CONFIG_UNREADABLE' });
  });
});
