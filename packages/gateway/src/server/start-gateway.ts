import { createEgress, type Egress } from '@satway/egress';
import { type ClaimStore, createGate, type Gate } from '@satway/gate';
import type { InvoiceIssuer } from '@satway/wallets';
import type { GatewayConfig, LoadConfigOptions } from '../config/index.js';
import {
  createCallerAddressReader,
  createDataPlane,
  digestTimeMs,
  type GatewayAnswer,
  HeldBodies,
  LiveCalls,
  problemAnswer,
  type RequestHandler,
} from '../data-plane/index.js';
import { type KeyWatcher, watchKeyFile } from '../keys/index.js';
import { createLogger, type Logger } from '../logs/index.js';
import { GatewayMetrics } from '../metrics/index.js';
import { Closers } from './closers.js';
import { openListener } from './http-listener.js';
import { createMetricsAudience } from './metrics-audience.js';
import { createObserver, logGateEvent } from './observer.js';
import { openClaimStore } from './open-claim-store.js';
import { givenWallet, openWallets, type OpenWalletsParts, type ShopWallets } from './open-wallets.js';
import { createOwnPathAnswerer } from './own-paths.js';
import { startPruning } from './pruning.js';
import { Reloader } from './reload.js';
import { type Listeners, stopServing } from './stop-serving.js';
import { guardWallet } from './wallet-guard.js';
import { startWalletWatch } from './wallet-watcher.js';

/** What a caller may bring along. */
export interface GatewayOptions {
  /** Default: JSON lines on stderr at the configured level. */
  readonly logger?: Logger;
  /** Told when requests are taken. */
  readonly onReady?: (gateway: RunningGateway) => void;
  /** In place of the configured wallet; whoever brings it closes it. */
  readonly issuer?: InvoiceIssuer;
  /** In place of the configured store; whoever brings it closes it. */
  readonly claimStore?: ClaimStore;
}

/** A gateway that takes requests. */
export interface RunningGateway {
  readonly url: string;
  readonly port: number;
  /** Where `/metrics` and `/healthz` have a listener of their own. */
  readonly adminUrl: string | null;
  /** Reads the key file now; it is also read whenever it changes. */
  reloadKeys(): Promise<void>;
  /**
   * Reads a configuration file and offers its endpoints from now on; its keys too, where the key file is the same. What else it changes is named in the log and holds
   * after a restart. A file with a mistake is refused as a whole, with all mistakes in the log. @returns whether it was taken over; never rejects.
   */
  reload(
    path: string,
    environment?: Readonly<Record<string, string | undefined>>,
    options?: LoadConfigOptions,
  ): Promise<boolean>;
  /**
   * Offers these endpoints from now on; requests under way keep what they saw. @throws {SatwayError} `ENDPOINTS_INVALID`; the old ones stay.
   */
  replaceEndpoints(endpoints: GatewayConfig['endpoints']): void;
  /** Takes no new connection, lets running calls end (at most `shutdownMs`), then closes everything it opened. */
  close(): Promise<void>;
}

/**
 * Starts a gateway.
 *
 * A wallet that cannot be reached is a warning: credentials that were paid for are honoured without it.
 *
 * @throws {SatwayError} `KEY_FILE_INVALID`, `LISTEN_FAILED`, `STORE_UNAVAILABLE`, `STORE_MIGRATION_FAILED`, `PROCESS_LOCK_HELD`,
 * `POWER_LOSS_NOT_ACCEPTED`, `WALLET_NETWORK_MISMATCH`, `WALLET_TOO_POWERFUL`, `WALLET_NOT_CONFIGURED`, `ENDPOINTS_INVALID`. Nothing is left open then. Funds moved: no.
 */
export async function startGateway(config: GatewayConfig, options: GatewayOptions = {}): Promise<RunningGateway> {
  const logger = options.logger ?? createLogger(config.log.level);
  const closers = new Closers();
  try {
    const gateway = await assemble(config, options, logger, closers);
    logger.info(
      { url: gateway.url, adminUrl: gateway.adminUrl, tenant: config.tenant.slug, endpoints: config.endpoints.length },
      'gateway is ready',
    );
    options.onReady?.(gateway);
    return gateway;
  } catch (error) {
    await closers.closeAll(logger);
    throw error;
  }
}

async function assemble(
  config: GatewayConfig,
  options: GatewayOptions,
  logger: Logger,
  closers: Closers,
): Promise<RunningGateway> {
  const egress = createEgress();
  closers.add(() => egress.close());
  const keys = await openKeys(config, logger, closers);
  const shop = await openShopWallets(config, options, { egress, logger, closers });
  const issuer = guardWallet(shop.issuer, config);
  const claimStore = options.claimStore ?? (await openStore(config, logger, closers));
  const liveCalls = new LiveCalls();
  closers.add(() => liveCalls.close());
  const heldBodies = new HeldBodies(config.sizes.heldBodyBytes);
  const metrics = new GatewayMetrics(
    () => liveCalls.size,
    () => heldBodies.bytes,
  );
  const gate = openGate(config, { keys, issuer, claimStore, metrics, logger }, closers);
  const { handle, handleAdmin } = openHandlers(
    config,
    { gate, claimStore, metrics, liveCalls, heldBodies, logger, egress },
    closers,
  );
  const listeners = await openListeners(config, handle, handleAdmin, closers);
  closers.add(() => stopServing(listeners, liveCalls, config.times.shutdownMs, logger));
  closers.add(watchShopWallets(shop, config, metrics, logger));
  const reloader = new Reloader(config, { gate, keys, logger });
  return {
    url: listeners.main.url,
    port: listeners.main.port,
    adminUrl: listeners.admin?.url ?? null,
    reloadKeys: () => keys.reload(),
    reload: (path, environment, options) => reloader.reload(path, environment, options),
    replaceEndpoints: (endpoints) => reloader.replaceEndpoints(endpoints),
    close: () => closers.closeAll(logger),
  };
}

function openShopWallets(
  config: GatewayConfig,
  { issuer }: GatewayOptions,
  parts: OpenWalletsParts,
): Promise<ShopWallets> {
  return issuer === undefined ? openWallets(config, parts) : Promise.resolve(givenWallet(issuer));
}

function watchShopWallets(
  shop: ShopWallets,
  config: GatewayConfig,
  metrics: GatewayMetrics,
  logger: Logger,
): () => void {
  return startWalletWatch({
    wallets: shop.wallets,
    config: config.watch,
    logger,
    onEvent: (event) => {
      metrics.walletEvent(event);
      if (event.type === 'wallet_read') shop.wallets.find(({ name }) => name === event.wallet)?.onAnswer();
    },
  });
}

async function openKeys(config: GatewayConfig, logger: Logger, closers: Closers): Promise<KeyWatcher> {
  const keys = await watchKeyFile(config.keysPath, {
    onReloaded: (ring) =>
      logger.info({ signingKeyId: ring.signingKeyIdHex, keyIds: ring.keyIds() }, 'keys were read again'),
    onRefused: (cause) => logger.error({ error: cause }, 'the key file cannot be used; the old keys stay'),
  });
  closers.add(() => keys.close());
  return keys;
}

async function openStore(config: GatewayConfig, logger: Logger, closers: Closers): Promise<ClaimStore> {
  const claimStore = await openClaimStore(config.store, logger);
  closers.add(() => claimStore.close());
  const stopPruning = startPruning(claimStore, logger);
  closers.add(stopPruning);
  return claimStore;
}

interface GateParts {
  readonly keys: KeyWatcher;
  readonly issuer: InvoiceIssuer;
  readonly claimStore: ClaimStore;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
}

function openGate(config: GatewayConfig, parts: GateParts, closers: Closers): Gate {
  const { keys, issuer, claimStore, metrics, logger } = parts;
  const gate = createGate({
    tenant: config.tenant,
    endpoints: config.endpoints,
    keyRing: () => keys.current(),
    issuer,
    claimStore,
    limits: config.rates,
    ...(config.confirmSettlement === null ? {} : { confirmSettlement: config.confirmSettlement }),
    idempotency: config.idempotency,
    invoiceExpiryMs: config.invoiceExpiryMs,
    onEvent: (event) => {
      metrics.gateEvent(event);
      logGateEvent(event, logger);
    },
  });
  closers.add(() => gate.close());
  return gate;
}

interface HandlerParts {
  readonly gate: Gate;
  readonly claimStore: ClaimStore;
  readonly metrics: GatewayMetrics;
  readonly liveCalls: LiveCalls;
  readonly heldBodies: HeldBodies;
  readonly logger: Logger;
  readonly egress: Egress;
}

function openHandlers(
  config: GatewayConfig,
  { gate, claimStore, metrics, liveCalls, heldBodies, logger, egress }: HandlerParts,
  closers: Closers,
): { handle: RequestHandler; handleAdmin: RequestHandler } {
  const { connectMs, headersMs, idleMs, totalMs } = config.times;
  const origin = egress.openPool(config.origin, {
    connectTimeoutMs: connectMs,
    headersTimeoutMs: headersMs,
    bodyTimeoutMs: idleMs,
  });
  closers.add(() => origin.destroy());
  const shared = {
    gate,
    origin,
    bounds: {
      ...config.sizes,
      keptBodyBytes: config.idempotency.maxBodyBytes,
      heldBodies,
      digestMs: digestTimeMs(config.sizes.requestBodyBytes, totalMs),
      totalMs,
    },
    publicUrl: config.publicUrl,
    readCallerAddress: createCallerAddressReader(config.trustedProxies),
    observer: createObserver(metrics, liveCalls, logger),
  };
  const showsMetricsTo = createMetricsAudience(config);
  const ownPaths = createOwnPathAnswerer({ gate, claimStore, metrics, showsMetricsTo });
  const adminPaths = createOwnPathAnswerer({ gate, claimStore, metrics, showsMetricsTo: () => true });
  return {
    handle: createDataPlane({ ...shared, answerOwnPath: ownPaths }),
    handleAdmin: createDataPlane({
      ...shared,
      answerOwnPath: (path, request, callerAddress) => adminPaths(path, request, callerAddress) ?? nothingThere(),
    }),
  };
}

/** The admin listener offers nothing else. */
function nothingThere(): Promise<GatewayAnswer> {
  return Promise.resolve(problemAnswer('ENDPOINT_NOT_FOUND'));
}

async function openListeners(
  config: GatewayConfig,
  handle: RequestHandler,
  handleAdmin: RequestHandler,
  closers: Closers,
): Promise<Listeners> {
  const main = await openListener(config.listen, handle, config.times.totalMs);
  closers.add(() => main.breakConnections());
  const admin = config.admin === null ? null : await openListener(config.admin, handleAdmin, config.times.totalMs);
  return { main, admin };
}
