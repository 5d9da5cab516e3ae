import type { LndSettings } from '../open-wallet/index.js';
import { type Environment, EnvironmentReader } from './environment-reader.js';
import { readLnd } from './read-lnd.js';

/**
 * Reads how to reach an LND from `LND_REST_HOST`, `LND_MACAROON` and `LND_TLS_CERT`, whatever other wallets the environment names.
 *
 * @throws {SatwayError} `WALLET_NOT_CONFIGURED`, naming the variable and never its value. Funds moved: no.
 */
export function lndFromEnvironment(environment: Environment): LndSettings {
  return readLnd(new EnvironmentReader(environment));
}
