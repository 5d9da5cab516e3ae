import { isSatwayError, SatwayError } from '@satway/base';
import { openPurchaseStore } from '@satway/client';
import { addressPolicyFromEnvironment, createEgress, type Egress } from '@satway/egress';
import {
  createSatwayMcpServer,
  type McpServerEntry,
  MCP_SECRET_VARIABLES,
  type McpSettings,
  openSatwayContext,
  openUpstreams,
  quietConsole,
  readMcpServers,
  readMcpSettings,
  serveOverStdio,
} from '@satway/mcp';
import { openApprovalDesk } from '@satway/mcp/approval';
import { describeWeakTls, readOrMakeAuthToken, serveHttp } from '@satway/mcp/http';
import { connectPayingWallet } from '@satway/wallets/open-wallet';
import { createOutput, type Output } from '../output/index.js';
import { rememberStore } from '../pay/known-stores.js';
import { purchaseStorePath } from '../pay/satway-home.js';
import { hide, withPrivate } from '../private-environment.js';
import { untilStopped } from '../until-stopped.js';
import { type ChosenWallet, chooseWallet } from '../wallet/choose-wallet.js';
import { directPaymentsFolder } from '../wallet/direct-payments-folder.js';
import { describeBlindness, describeExcess, describePowersOf } from '../wallet/excess-powers.js';
import { paidByHand } from '../wallet/paid-by-hand.js';

/** What the environment says, read before anything is opened. */
interface Configured {
  readonly settings: McpSettings;
  readonly wallet: ChosenWallet;
  readonly egress: Egress;
  readonly servers: readonly McpServerEntry[];
}

/** Serves until the client leaves or a signal comes. */
export async function serveMcp(walletFile: string | undefined): Promise<void> {
  const output = createOutput(false);
  quietConsole();
  const { settings, wallet, egress, servers } = await configure(walletFile);
  for (const warning of [...wallet.warnings, ...describeExcess(wallet.settings)]) output.warn(warning);
  const paying = await connectPayingWallet(wallet.settings);
  try {
    for (const warning of describeBlindness(paying)) output.warn(warning);
    // A host waits only so long for its server: this one does not wait for the wallet's relay.
    void describePowersOf(paying).then((warnings) => warnings.forEach((warning) => output.warn(warning)));
    const path = purchaseStorePath(process.env);
    rememberStore(process.env, path);
    const store = openPurchaseStore({ path });
    const folder = directPaymentsFolder(process.env);
    const desk = openApprovalDesk({ store, tell: (line) => output.note(line), page: true });
    const upstreams = openUpstreams(servers, egress);
    const context = openSatwayContext({
      wallet: paying,
      store,
      egress,
      settings,
      paidElsewhere: (paymentHashHex) => paidByHand(folder, paymentHashHex),
      announce: (approval) => desk.announce(approval),
      tell: (line) => output.note(line),
      upstreams,
    });
    try {
      await serve(createSatwayMcpServer(context), settings, output);
    } finally {
      await context.close();
      await upstreams.close();
      await desk.close();
      store.close();
    }
  } finally {
    await paying.close();
    await egress.close();
  }
}

type Factory = ReturnType<typeof createSatwayMcpServer>;

async function serve(factory: Factory, settings: McpSettings, output: Output): Promise<void> {
  if (settings.transport === 'http') return serveUntilStopped(factory, settings, output);
  for (const weakness of describeWeakTls(process.env)) output.warn(weakness);
  const connection = serveOverStdio(factory, (error) => output.warn(describeTrouble(error)));
  await Promise.race([connection.closed, untilStopped()]);
  await connection.close();
}

/** Errors of the library and of the parser quote what came in, which may hold a secret; only their kind is told. */
function describeTrouble(error: Error): string {
  if (isSatwayError(error)) return error.message;
  if (error instanceof SyntaxError) return 'A line on stdin is no JSON.';
  return `What came in on stdin could not be used (${error.name}).`;
}

/** Tells where it serves and where the token lies, never the token. */
async function serveUntilStopped(factory: Factory, settings: McpSettings, output: Output): Promise<void> {
  const { token, file } = readOrMakeAuthToken({ home: settings.home, given: settings.authToken });
  const { port, bindAddress, corsOrigin, allowedHosts } = settings;
  const serving = await serveHttp({
    factory,
    port,
    bindAddress,
    corsOrigin,
    allowedHosts,
    authToken: token,
    warn: (warning) => output.warn(warning),
  });
  output.note(`MCP over HTTP: ${serving.url}`);
  output.note(`Callers need the bearer token ${file === null ? 'of MCP_AUTH_TOKEN' : `in ${file}`}.`);
  await untilStopped();
  await serving.close();
}

/** Our own table's words would say the same twice. */
function describeMistake({ code, detail, message }: SatwayError): string {
  return code === 'MCP_SETTINGS_INVALID' ? (detail ?? message) : message;
}

/** Reads everything, so that all mistakes are told at once; the secrets are gone from `process.env` afterwards. */
async function configure(walletFile: string | undefined): Promise<Configured> {
  const mistakes: SatwayError[] = [];
  const attempt = async <T>(read: () => T | Promise<T>): Promise<T | null> => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof SatwayError)) throw error;
      mistakes.push(error);
      return null;
    }
  };
  const settings = await attempt(() => readMcpSettings(withPrivate()));
  const egress = await attempt(() => createEgress(addressPolicyFromEnvironment(process.env)));
  const wallet = await attempt(() => chooseWallet(walletFile, 'pay'));
  const serversFile = settings?.mcpServersFile ?? null;
  const servers = await attempt(() => (serversFile === null ? [] : readMcpServers(serversFile)));
  hide(...MCP_SECRET_VARIABLES);
  if (settings !== null && wallet !== null && egress !== null && servers !== null) {
    return { settings, wallet, egress, servers };
  }
  await egress?.close();
  const [first, second] = mistakes;
  if (first !== undefined && second === undefined) throw first;
  throw new SatwayError('MCP_SETTINGS_INVALID', { detail: mistakes.map(describeMistake).join(' ') });
}
