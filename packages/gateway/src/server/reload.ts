import { isDeepStrictEqual } from 'node:util';
import { isSatwayError } from '@satway/base';
import type { Gate } from '@satway/gate';
import { type GatewayConfig, type LoadConfigOptions, loadGatewayConfig } from '../config/index.js';
import type { KeyWatcher } from '../keys/index.js';
import type { Logger } from '../logs/index.js';

type Environment = Parameters<typeof loadGatewayConfig>[1];

export interface ReloadParts {
  readonly gate: Gate;
  readonly keys: KeyWatcher;
  readonly logger: Logger;
}

/**
 * Takes a configuration file over while the gateway runs: its endpoints and prices, and the keys. A file with a mistake is refused as a whole. What else it
 * changes is named in the log, and holds from the next start on.
 */
export class Reloader {
  readonly #parts: ReloadParts;
  /** What the parts of the gateway were made from. */
  readonly #started: GatewayConfig;
  #endpoints: GatewayConfig['endpoints'];
  #last: Promise<unknown> = Promise.resolve();

  constructor(config: GatewayConfig, parts: ReloadParts) {
    this.#parts = parts;
    this.#started = config;
    this.#endpoints = config.endpoints;
  }

  /** @throws {SatwayError} `ENDPOINTS_INVALID`; the old ones stay. */
  replaceEndpoints(endpoints: GatewayConfig['endpoints']): void {
    this.#parts.gate.replaceSnapshot(endpoints);
    this.#endpoints = endpoints;
  }

  /** One after the other, so that the file that was read last holds. @returns whether it was taken over; never rejects. */
  reload(path: string, environment?: Environment, options?: LoadConfigOptions): Promise<boolean> {
    const mine = this.#last.then(() => this.#reload(path, environment, options));
    this.#last = mine;
    return mine;
  }

  async #reload(path: string, environment?: Environment, options?: LoadConfigOptions): Promise<boolean> {
    const { keys, logger } = this.#parts;
    try {
      const config = await loadGatewayConfig(path, environment, options);
      const changed = changedEndpoints(this.#endpoints, config.endpoints);
      this.replaceEndpoints(config.endpoints);
      await keys.reload();
      logger.info({ path, ...changed }, 'the configuration was read again');
      this.#tellWhatWaits(config);
      return true;
    } catch (error) {
      const detail = isSatwayError(error) ? error.detail : undefined;
      logger.error({ path, error, detail }, 'the configuration cannot be used; the old one stays');
      return false;
    }
  }

  #tellWhatWaits(config: GatewayConfig): void {
    const waiting = Object.entries(config)
      .filter(([key, value]) => key !== 'endpoints' && !isDeepStrictEqual(value, Reflect.get(this.#started, key)))
      .map(([key]) => NAMES_IN_FILE[key] ?? key);
    if (waiting.length === 0) return;
    this.#parts.logger.warn({ keys: waiting }, 'the configuration changes what holds only after a restart');
  }
}

/** Where the file calls them otherwise. */
const NAMES_IN_FILE: Readonly<Record<string, string>> = {
  keysPath: 'keys',
  sizes: 'limits',
  times: 'timeouts',
  wallets: 'wallet',
};

type Endpoints = GatewayConfig['endpoints'];

function changedEndpoints(before: Endpoints, after: Endpoints): Record<'added' | 'changed' | 'removed', string[]> {
  const old = new Map(before.map((endpoint) => [endpoint.id, endpoint]));
  const ids = new Set(after.map(({ id }) => id));
  return {
    added: after.filter(({ id }) => !old.has(id)).map(({ id }) => id),
    changed: after
      .filter((endpoint) => old.has(endpoint.id) && !isDeepStrictEqual(endpoint, old.get(endpoint.id)))
      .map(({ id }) => id),
    removed: before.filter(({ id }) => !ids.has(id)).map(({ id }) => id),
  };
}
