import type { GatewayConfig } from '@satway/gateway';
import { gatewayRoom } from '../../gateway-room.js';
import { hideWalletSecrets, hidingWhatIsRead, withPrivate } from '../../private-environment.js';
import type { GatewayFacts } from './facts.js';
import { learn, type Learned } from './learned.js';
import type { NamedWallet } from './wallet-facts.js';

/** What the configuration of a gateway says, and the wallets that it names. */
export interface GatewayReading {
  readonly facts: GatewayFacts;
  readonly wallets: Learned<readonly NamedWallet[]>;
}

export async function gatherGateway(configPath: string, environment: NodeJS.ProcessEnv): Promise<GatewayReading> {
  const { listMasterKeys, loadGatewayConfig } = await gatewayRoom();
  const isOurs = environment === process.env;
  const options = isOurs ? hidingWhatIsRead : {};
  const config = await learn(() => loadGatewayConfig(configPath, withPrivate(environment), options));
  if (isOurs) hideWalletSecrets();
  if (!config.known) {
    const elsewhere = { ...config, why: 'The configuration cannot be used; the first line says why.' };
    return { facts: { configPath, store: elsewhere, keys: elsewhere }, wallets: config };
  }
  const { store, keysPath } = config.value;
  const acceptPowerLoss = store.kind === 'pglite' && store.acceptPowerLoss;
  return {
    facts: {
      configPath,
      store: { known: true, value: { kind: store.kind, acceptPowerLoss } },
      keys: await learn(() => listMasterKeys(keysPath)),
    },
    wallets: { known: true, value: walletsOf(config.value, configPath) },
  };
}

function walletsOf({ wallets }: GatewayConfig, configPath: string): NamedWallet[] {
  return wallets.map(({ settings, allowPowers }, index) => ({
    settings,
    source: wallets.length === 1 ? configPath : `${configPath}, wallets[${index}]`,
    allowedPowers: allowPowers,
    warnings: [],
  }));
}
