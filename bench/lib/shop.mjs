// A shop for a benchmark: configuration, keys, and credentials that were paid for, made with the product's own functions.
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeyFile } from '../../packages/gateway/dist/index.js';
import {
  createKeyRing,
  encodeIdentifier,
  encodeMacaroonText,
  mintedCaveats,
  mintMacaroon,
} from '../../packages/protocol/dist/index.js';

const TENANT = { id: '6f1c2d34-5e6f-4a7b-8c9d-0e1f2a3b4c5d', slug: 'bench' };
export const PRICE_MSAT = 5_000;
const MANY_USES = 4_000_000_000;
const LIFE_MS = 3_600_000;

/** @param store - the `store` of the configuration file. */
export async function openShop(originUrl, store) {
  const folder = mkdtempSync(join(tmpdir(), 'satway-shop-'));
  const keysPath = join(folder, 'keys.json');
  await createKeyFile(keysPath);
  writeFileSync(join(folder, 'invoice.macaroon'), Buffer.from('0201036c6e64', 'hex'), { mode: 0o600 });
  const configPath = join(folder, 'satway.yaml');
  writeFileSync(configPath, config(originUrl, store));
  const [{ secret, createdAtMs }] = JSON.parse(readFileSync(keysPath, 'utf8')).keys;
  const keyRing = createKeyRing([{ secret: Buffer.from(secret, 'hex'), createdAtMs, verifyUntilMs: null }]);
  return { folder, configPath, mint: (endpointId, uses) => mintPaid(keyRing, endpointId, uses), manyUses: MANY_USES };
}

/** Limits are off and nothing is logged: the gateway itself is measured. */
function config(originUrl, store) {
  return JSON.stringify({
    version: 1,
    tenant: TENANT,
    origin: originUrl,
    listen: { host: '127.0.0.1', port: 0 },
    keys: './keys.json',
    store,
    wallet: { kind: 'lnd', url: 'https://127.0.0.1:1', macaroonFile: './invoice.macaroon', network: 'regtest' },
    endpoints: [
      { id: 'free', method: 'GET', path: '/free', free: true },
      { id: 'many', method: 'GET', path: '/many', priceMsat: PRICE_MSAT, uses: MANY_USES },
      { id: 'once', method: 'GET', path: '/once', priceMsat: PRICE_MSAT },
    ],
    rates: {
      requestsPerAddress: 'off',
      requestsPerAddressAndEndpoint: 'off',
      invoicesPerAddress: 'off',
      invoicesPerWallet: 'off',
      invoicesInFlight: 100_000,
    },
    log: { level: 'silent' },
  });
}

/** The value of an `Authorization` header for a payment that only its preimage proves. */
function mintPaid(keyRing, endpointId, uses) {
  const preimage = randomBytes(32);
  const paymentHashHex = createHash('sha256').update(preimage).digest('hex');
  const tokenId = keyRing.newTokenId(randomBytes(28));
  const mintedAtMs = Date.now();
  const caveats = mintedCaveats({
    tenantSlug: TENANT.slug,
    tenantId: TENANT.id,
    endpointId,
    model: 'per_request',
    priceMsat: PRICE_MSAT,
    uses,
    mintedAtMs,
    expiresAtMs: mintedAtMs + LIFE_MS,
  });
  const macaroon = mintMacaroon({
    rootKey: keyRing.rootKey({ kind: 'l402', tenantId: TENANT.id, tokenId }, mintedAtMs),
    location: 'satway',
    identifier: encodeIdentifier({ paymentHashHex, tokenId }),
    caveats,
  });
  return `L402 ${encodeMacaroonText(macaroon)}:${preimage.toString('hex')}`;
}
