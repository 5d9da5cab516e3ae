import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningGateway } from '@satway/gateway';
import type { WalletSettings } from '@satway/wallets/open-wallet';
import { gatewayRoom } from '../gateway-room.js';
import { DEMO_PRICE_SATS } from './demo-world.js';
import type { SunApi } from './sun-api.js';

const SECRET_FILE = 'wallet.secret';

/** What a shop is made of. */
export interface Shop {
  readonly api: SunApi;
  /** The wallet that is paid; its secret goes into a file of its own. */
  readonly wallet: WalletSettings;
  /** A credential that can spend is taken as well, since the shop closes with the story. */
  readonly allowSpending: boolean;
  readonly port: number;
}

/** Opens the gateway as a seller would: from a file that names the file of its wallet's secret. */
export async function openShop(folder: string, shop: Shop): Promise<RunningGateway> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { createLogger, initGatewayFiles, loadGatewayConfig, startGateway } = await gatewayRoom();
  const { configPath, tenantId } = await initGatewayFiles(folder);
  writeFileSync(configPath, shopConfig(tenantId, folder, shop));
  const config = await loadGatewayConfig(configPath);
  // Read by now; a story that is broken off must leave no copy of a secret behind.
  rmSync(join(folder, SECRET_FILE));
  return startGateway(config, { logger: createLogger('error') });
}

function shopConfig(tenantId: string, folder: string, { api, wallet, allowSpending, port }: Shop): string {
  const entry = { ...walletEntry(wallet, folder), ...(allowSpending ? { allowPowers: ['pay', 'administer'] } : {}) };
  return `version: 1
tenant: {id: ${tenantId}, slug: sun}
origin: ${api.url}
listen: {host: 127.0.0.1, port: ${port}}
keys: ./keys.json
store: {kind: pglite, folder: ./store, acceptPowerLoss: true}
wallet: ${JSON.stringify(entry)}
endpoints:
  - {id: sun, method: GET, path: /v1/sun/:city, priceSats: ${DEMO_PRICE_SATS}}
  - {id: cities, method: GET, path: /v1/cities, free: true}
`;
}

/** The wallet as it stands in a configuration, its secret and its certificate in files beside it. */
function walletEntry(wallet: WalletSettings, folder: string): Readonly<Record<string, unknown>> {
  const keep = (name: string, content: string | Buffer): string => {
    writeFileSync(join(folder, name), content, { mode: 0o600 });
    return `./${name}`;
  };
  const { kind } = wallet;
  const network = wallet.network === undefined ? {} : { network: wallet.network };
  switch (kind) {
    case 'lnd':
      return {
        kind,
        url: wallet.url,
        macaroonFile: keep(SECRET_FILE, wallet.macaroonHex),
        ...pinOf(wallet, keep),
        ...network,
      };
    case 'lnbits':
      return { kind, url: wallet.url, keyFile: keep(SECRET_FILE, wallet.key), ...network };
    case 'phoenixd':
      return { kind, url: wallet.url, passwordFile: keep(SECRET_FILE, wallet.password), ...network };
    case 'nwc':
      return { kind, uriFile: keep(SECRET_FILE, wallet.uri), ...network };
  }
}

type Lnd = Extract<WalletSettings, { kind: 'lnd' }>;

function pinOf(
  { tlsCertPem, tlsFingerprint256, privateChannels }: Lnd,
  keep: (name: string, content: string) => string,
) {
  return {
    ...(tlsCertPem === undefined ? {} : { tlsCertFile: keep('tls.cert', tlsCertPem) }),
    ...(tlsFingerprint256 === undefined ? {} : { tlsFingerprint: tlsFingerprint256 }),
    ...(privateChannels === true ? { privateChannels } : {}),
  };
}
