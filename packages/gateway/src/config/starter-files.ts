import { randomUUID } from 'node:crypto';
import { access, mkdir, open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SatwayError } from '@satway/base';
import { createKeyFile } from '../keys/index.js';

/** What was written. */
export interface StarterFiles {
  readonly configPath: string;
  readonly keysPath: string;
  readonly tenantId: string;
}

const CONFIG_NAME = 'satway.yaml';
const KEYS_NAME = 'keys.json';

/**
 * Writes a first `satway.yaml` with a fresh tenant UUID, and a first master key (0600). Never overwrites.
 *
 * @param folder - made where it is not there.
 * @throws {SatwayError} `GATEWAY_FILES_EXIST`, with nothing written.
 */
export async function initGatewayFiles(folder: string): Promise<StarterFiles> {
  const configPath = resolve(folder, CONFIG_NAME);
  const keysPath = join(resolve(folder), KEYS_NAME);
  await mkdir(resolve(folder), { recursive: true });
  for (const path of [configPath, keysPath]) await refuseExisting(path);
  const tenantId = randomUUID();
  await createKeyFile(keysPath);
  await writeNew(configPath, starterConfig(tenantId));
  return { configPath, keysPath, tenantId };
}

async function refuseExisting(path: string): Promise<void> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (isThere) throw new SatwayError('GATEWAY_FILES_EXIST', { detail: path });
}

async function writeNew(path: string, text: string): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o644);
    await file.writeFile(text).finally(() => file.close());
  } catch (cause) {
    throw new SatwayError('GATEWAY_FILES_EXIST', { detail: path, cause });
  }
}

function starterConfig(tenantId: string): string {
  return `version: 1

# Who sells. The id is in every credential that is sold: never change it, or nothing sold before is honoured. The slug may change.
tenant: {id: ${tenantId}, slug: my-shop}

# The API behind the gateway.
origin: http://127.0.0.1:9000

# Where callers come in. Put TLS in front of it, and say here how they know it.
listen: {host: 127.0.0.1, port: 8402}
# publicUrl: https://api.example.com
# trustedProxies: [127.0.0.1]

# The master keys (rights 0600). Keep a copy: without it nothing that was sold can be redeemed.
keys: ./${KEYS_NAME}

# pglite needs nothing installed, serves one process, and can lose its last moments in a power cut;
# on mainnet it wants acceptPowerLoss: true. For more than one process: {kind: postgres, urlEnv: DATABASE_URL}
store: {kind: pglite, folder: ./satway-data}

# An LND that receives. Give it a macaroon that can only make and look up invoices (the gateway does not start with one that can spend):
#   lncli bakemacaroon --root_key_id 102 --save_to invoice.macaroon \\
#     uri:/lnrpc.Lightning/AddInvoice uri:/lnrpc.Lightning/LookupInvoice \\
#     uri:/lnrpc.Lightning/SubscribeInvoices
wallet: {kind: lnd, url: https://127.0.0.1:8080, macaroonFile: ./invoice.macaroon, tlsCertFile: ./tls.cert}
# Or one of these (invoice key, limited password, a connection that cannot pay). LNbits and phoenixd make invoices over whole sats only.
# wallet: {kind: lnbits, url: https://lnbits.example, keyFile: ./invoice.key}
# wallet: {kind: phoenixd, url: http://127.0.0.1:9740, passwordFile: ./limited.password}
# wallet: {kind: nwc, uriFile: ./wallet.nwc}

# What is for sale; whatever is not listed is refused.
endpoints:
  - {id: forecast, method: GET, path: /v1/forecast/:city, priceSats: 5}
  - {id: tile, method: GET, path: /v1/tile/:z/:x/:y, priceMsat: 250, uses: 20}
  - {id: ping, method: GET, path: /ping, free: true}
`;
}
