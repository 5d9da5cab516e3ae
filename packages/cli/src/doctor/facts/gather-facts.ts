import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { keyFileOf, type Purchase } from '@satway/client';
import { WALLET_VARIABLES } from '@satway/wallets/environment';
import { type LimitVariable, limitFromEnvironment } from '../../pay/limits.js';
import { purchaseStorePathIn, satwayHome } from '../../pay/satway-home.js';
import { chooseWallet } from '../../wallet/choose-wallet.js';
import { directPaymentsFolder } from '../../wallet/direct-payments-folder.js';
import { diagnosePurchase } from '../../wallet/diagnose-purchase.js';
import type { DoctorFacts, DoctorRole, NamedAmount, UnresolvedFacts, WalletFacts } from './facts.js';
import { type ConfigFileFacts, gatherConfigFile } from './config-files.js';
import { bothLists, gatherDirectPayments } from './direct-payment-facts.js';
import { gatherDotenv } from './dotenv-facts.js';
import { pathsInEnvironment, type SecretPath, statSecrets } from './file-facts.js';
import { gatherGateway, type GatewayReading } from './gateway-facts.js';
import { known, learn, type Learned } from './learned.js';
import { gatherPurchases, type IsStuck } from './purchase-facts.js';
import { gatherWallet, type NamedWallet } from './wallet-facts.js';

/** What the command line says. */
export interface DoctorOptions {
  readonly config?: string;
  readonly walletFile?: string;
  readonly role?: DoctorRole;
  readonly store?: string;
  readonly maxBalanceSats?: number;
}

/** Everything that is looked at, once the options and their defaults are settled. */
interface Scope {
  readonly role: DoctorRole;
  /** `null`: no gateway is looked at. */
  readonly configPath: string | null;
  readonly walletFile: string | undefined;
  readonly storePath: string;
  readonly folder: string;
}

/** The configuration that is looked at when none is named. */
const USUAL_CONFIG = 'satway.yaml';

/**
 * Learns everything that the checks judge: asks the wallets, reads files and folders. Moves and makes nothing.
 *
 * @param environment - of the process; secrets are taken out of `process.env` on the way.
 * @param folder - the working folder.
 */
export async function gatherFacts(
  options: DoctorOptions,
  environment: NodeJS.ProcessEnv,
  folder: string,
): Promise<DoctorFacts> {
  // Before the wallet is read: afterwards the variables with secrets are gone.
  const before = { ...environment };
  const scope = scopeOf(options, before, folder);
  // Before the store is opened, which mends its rights.
  const configs = await gatherConfigs(scope, before);
  const files = await learn(() => statSecrets(secretPaths(scope, configs, before)));
  const { role, configPath, storePath } = scope;
  const gateway = configPath === null ? null : await gatherGateway(configPath, environment);
  const named = await nameWallets(scope, gateway, environment);
  const wallets = await learnWallets(named);
  const nowMs = Date.now();
  const isStuck: IsStuck = (payment) => diagnose(payment, named, wallets);
  const purchases = await gatherPurchases(storePath, nowMs, isStuck);
  const direct = await gatherDirectPayments(directPaymentsFolder(before), nowMs, isStuck);
  return {
    role,
    nowMs,
    wallets,
    budget: {
      total: await readLimit('BUDGET_SATS', before),
      perRequest: await readLimit('MAX_AUTO_PAY_SATS', before),
      inStore: purchases.budgets,
    },
    maxBalance: await maxBalanceOf(options, before),
    gateway: gateway?.facts ?? null,
    plainSecrets: known(configs.flatMap(({ secrets }) => secrets)),
    dotenv: await learn(() => gatherDotenv(folder, foldersOf(scope))),
    files,
    unread: configs.flatMap(({ unread }) => unread ?? []),
    unfilled: configs.flatMap(({ unfilled }) => unfilled),
    walletWarnings: named.known ? named.value.flatMap(({ warnings }) => warnings) : [],
    unresolved: bothLists(purchases.unresolved, direct),
    tlsUnchecked: before['NODE_TLS_REJECT_UNAUTHORIZED'] === '0',
  };
}

function scopeOf(options: DoctorOptions, environment: NodeJS.ProcessEnv, folder: string): Scope {
  const usual = existsSync(join(folder, USUAL_CONFIG)) ? join(folder, USUAL_CONFIG) : null;
  const hasWallet = options.walletFile !== undefined || namesAWallet(environment);
  const sells = options.config !== undefined || (usual !== null && !hasWallet);
  const onlyReceives = options.walletFile === undefined && namesOnlyAnInvoiceKey(environment);
  const role = options.role ?? (sells || onlyReceives ? 'receive' : 'pay');
  const takesUsual = role === 'receive' && (sells || !onlyReceives || options.role !== undefined);
  return {
    role,
    configPath: options.config ?? (takesUsual ? usual : null),
    walletFile: options.walletFile,
    storePath: options.store ?? purchaseStorePathIn(environment),
    folder,
  };
}

/** The working folder, and those of the files that were named. */
function foldersOf({ folder, configPath, walletFile }: Scope): string[] {
  const named = [configPath, walletFile].filter((path) => typeof path === 'string');
  return [folder, ...named.map((path) => dirname(resolve(folder, path)))];
}

function namesAWallet(environment: NodeJS.ProcessEnv): boolean {
  return Object.values(WALLET_VARIABLES)
    .flat()
    .some((variable) => [variable, `${variable}_FILE`].some((name) => (environment[name] ?? '') !== ''));
}

/** An LNbits with its invoice key alone: there is nothing to buy with. */
function namesOnlyAnInvoiceKey(environment: NodeJS.ProcessEnv): boolean {
  const isSet = (variable: string): boolean =>
    [variable, `${variable}_FILE`].some((name) => (environment[name] ?? '') !== '');
  return isSet('LNBITS_INVOICE_KEY') && !isSet('LNBITS_ADMIN_KEY');
}

/** Every file that was named, and a configuration that lies here. */
async function gatherConfigs(
  { configPath, walletFile, folder }: Scope,
  environment: NodeJS.ProcessEnv,
): Promise<ConfigFileFacts[]> {
  const usual = join(folder, USUAL_CONFIG);
  const config = configPath ?? (existsSync(usual) ? usual : null);
  const files = [
    ...(config === null ? [] : [{ path: config, isWalletFile: false }]),
    ...(walletFile === undefined ? [] : [{ path: walletFile, isWalletFile: true }]),
  ];
  return Promise.all(files.map((file) => gatherConfigFile(file, environment)));
}

function secretPaths(
  { role, storePath }: Scope,
  configs: readonly ConfigFileFacts[],
  environment: NodeJS.ProcessEnv,
): SecretPath[] {
  const ofBuyer = [
    { path: satwayHome(environment), what: 'SATWAY_HOME' },
    ...['', '-wal', '-shm'].map((end) => ({ path: storePath + end, what: 'purchase store' })),
    { path: keyFileOf(storePath), what: 'key of the purchase store' },
    ...['.owners', '.pending'].map((end) => ({ path: storePath + end, what: 'purchase store' })),
  ];
  return [
    ...(role === 'pay' ? ofBuyer.map((each) => ({ ...each, isSecret: true })) : []),
    ...configs.flatMap(({ paths }) => paths),
    ...pathsInEnvironment(environment),
  ];
}

/** The wallet that was named, or those of the gateway's configuration. */
async function nameWallets(
  { role, walletFile }: Scope,
  gateway: GatewayReading | null,
  environment: NodeJS.ProcessEnv,
): Promise<Learned<readonly NamedWallet[]>> {
  if (role === 'receive' && walletFile === undefined && gateway !== null) return gateway.wallets;
  return learn(async () => {
    const { settings, source, warnings } = await chooseWallet(walletFile, role, environment);
    return [{ settings, source, allowedPowers: [], warnings }];
  });
}

async function learnWallets(named: Learned<readonly NamedWallet[]>): Promise<Learned<readonly WalletFacts[]>> {
  return named.known ? known(await Promise.all(named.value.map(gatherWallet))) : named;
}

async function readLimit(variable: LimitVariable, environment: NodeJS.ProcessEnv): Promise<NamedAmount> {
  return { variable, sats: await learn(() => limitFromEnvironment(variable, environment)) };
}

async function maxBalanceOf({ maxBalanceSats }: DoctorOptions, environment: NodeJS.ProcessEnv): Promise<NamedAmount> {
  if (maxBalanceSats === undefined) return readLimit('SATWAY_MAX_BALANCE_SATS', environment);
  return { variable: '--max-balance-sats', sats: known(maxBalanceSats) };
}

/** Only the wallet that a purchase names knows anything of it. */
async function diagnose(
  purchase: Pick<Purchase, 'paymentHashHex' | 'walletId'>,
  named: Learned<readonly NamedWallet[]>,
  wallets: Learned<readonly WalletFacts[]>,
): Promise<UnresolvedFacts['diagnosis']> {
  const [wallet] = named.known ? named.value : [];
  const identity = (wallets.known ? wallets.value[0]?.identity : null) ?? null;
  if (wallet === undefined || identity === null) return 'open';
  if (identity !== purchase.walletId) return 'otherWallet';
  return (await diagnosePurchase(wallet.settings, purchase))?.verdict === 'stuck' ? 'stuck' : 'open';
}
