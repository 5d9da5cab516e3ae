import { SatwayError } from '@satway/base';
import type { BitcoinNetwork } from '@satway/wallets';
import { connectPayingWallet, inspectWallet } from '@satway/wallets/open-wallet';
import { type Command, Option } from 'commander';
import { formatMsat, parsePort, parseSats } from '../amounts.js';
import {
  chooseDemoWallets,
  DEMO_WALLET_KINDS,
  type DemoWalletOptions,
  type DemoWallets,
  type DemoWorld,
  recordAt,
  type SandboxWorld,
  startRealWorld,
  startSandboxWorld,
  tellPurchase,
  withRecord,
} from '../demo/index.js';
import { onStopSignal } from '../on-stop-signal.js';
import { createOutput, type Output } from '../output/index.js';
import { openSatwayHome, purchaseStorePathIn } from '../pay/satway-home.js';
import { untilStopped } from '../until-stopped.js';
import { confirm } from '../wallet/confirm.js';
import { describeBlindness, describeExcess, describePowersOf } from '../wallet/excess-powers.js';

interface DemoOptions extends DemoWalletOptions {
  readonly serve?: boolean;
  readonly port: number;
  readonly lndPort: number;
  readonly tls?: boolean;
  readonly maxSats: number;
  readonly allowPowers?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

const HELP = `
Without wallets everything runs on this machine and with money of a test network; nothing is kept. With --serve the shop stays open until
SIGINT or SIGTERM, for you to buy from with "satway pay", with the buyer's wallet that it names.

With --wallet the same story is told over two wallets of yours, and what it spends is spent: 5 sats and their fees, at most --max-sats.
On mainnet it asks first, or wants --yes. A seller's credential that can spend is refused; --allow-powers takes it.
Each wallet comes from a file (what stands under "wallet:" in satway.yaml) or from the environment:
the seller's from variables that begin with SELLER_, the buyer's from those that begin with BUYER_, else the usual ones:
  SELLER_LND_REST_HOST, SELLER_LND_MACAROON, SELLER_LND_TLS_CERT, BUYER_LND_REST_HOST, BUYER_LNBITS_URL, BUYER_NWC_URI, …

Examples:
  satway demo
  satway demo --wallet lnd --seller-wallet-file seller.yaml --buyer-wallet-file buyer.yaml`;

/** `satway demo`: a paid request from the 402 to the answer. */
export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('Watch one paid request: an API, a gateway, a Lightning network and an agent, all on this machine.')
    .option('--serve', 'leave out the story, keep the shop open')
    .option('--port <port>', 'port of the gateway, 0 for any', parsePort, 0)
    .option('--lnd-port <port>', "port of the network's LND REST interface, 0 for any", parsePort, 0)
    .option('--tls', 'serve LND over https with a certificate to pin, as a real one does')
    .addOption(new Option('--wallet <kind>', 'use real wallets, of this kind').choices(DEMO_WALLET_KINDS))
    .option('--seller-wallet-file <file>', "file that names the seller's wallet; it need only receive")
    .option('--buyer-wallet-file <file>', "file that names the buyer's wallet")
    .option('--max-sats <sats>', 'most that real wallets may spend, fees included', parseSats, 10)
    .option('--allow-powers', "take a seller's credential that can spend; its gateway gets it for this one story")
    .option('--yes', 'spend on mainnet without asking')
    .option('--json', 'print JSON lines')
    .addHelpText('after', HELP)
    .action((options: DemoOptions) => runDemo(options));
}

async function runDemo(options: DemoOptions): Promise<void> {
  const output = createOutput(options.json === true);
  if (isReal(options)) return runOnRealWallets(options, output);
  const { port, lndPort, serve: stays = false, tls = false } = options;
  // From the beginning: a shop that is stopped while it opens is cleared away like any other.
  const stop = stays ? listenForStop() : null;
  const world = await startSandboxWorld({ port, lndPort, tls, endsBySignals: !stays });
  try {
    if (stop === null) await tellPurchase(world, output);
    else if (!stop.isAsked()) await serve(world, output, stop.asked);
  } finally {
    await world.close();
  }
}

function listenForStop(): { readonly asked: Promise<void>; readonly isAsked: () => boolean } {
  let isAsked = false;
  const asked = untilStopped().then(() => void (isAsked = true));
  return { asked, isAsked: () => isAsked };
}

function isReal({ wallet, sellerWalletFile, buyerWalletFile }: DemoOptions): boolean {
  return [wallet, sellerWalletFile, buyerWalletFile].some((option) => option !== undefined);
}

async function runOnRealWallets(options: DemoOptions, output: Output): Promise<void> {
  if (options.serve === true) {
    throw new SatwayError('CLI_USAGE', {
      detail: '--serve has a sandbox only; to sell with a wallet: satway gateway.',
    });
  }
  const wallets = await chooseDemoWallets(options, process.env);
  await checkWallets(wallets, options, output);
  const network = await lookAtBuyer(wallets, output);
  await askOnMainnet(wallets, network, options);
  const world = await startRealWorld({
    seller: wallets.seller.settings,
    buyer: wallets.buyer.settings,
    allowSpending: options.allowPowers === true,
    maxSats: options.maxSats,
    port: options.port,
    home: openSatwayHome(process.env),
    storePath: purchaseStorePathIn(process.env),
  });
  const stopListening = onStopSignal(() =>
    output.warn(`stopped. ${whereRecordLies('What may have been paid', world)}`),
  );
  try {
    await tellAndClose(world, output);
  } catch (error) {
    throw afterPayment(error, world, output);
  } finally {
    stopListening();
  }
}

async function tellAndClose(world: DemoWorld, output: Output): Promise<void> {
  try {
    await tellPurchase(world, output);
  } finally {
    await world.close();
  }
}

/** What is careless about the wallets, said before anything is opened. @throws {SatwayError} `WALLET_TOO_POWERFUL` for a seller's credential that can spend and was not allowed to. */
async function checkWallets(
  { seller, buyer }: DemoWallets,
  { allowPowers = false }: DemoOptions,
  output: Output,
): Promise<void> {
  const { can, howToNarrow } = await inspectWallet(seller.settings);
  const powers = (['pay', 'administer'] as const).filter((power) => can[power] === true);
  if (powers.length > 0 && !allowPowers) throw tooPowerful(powers, howToNarrow.receive);
  const ofSeller = powers.length > 0 ? [sayTaken(powers)] : [];
  const warnings = [...seller.warnings, ...ofSeller, ...buyer.warnings, ...describeExcess(buyer.settings)];
  for (const warning of warnings) output.warn(warning);
}

function tooPowerful(powers: readonly string[], howToNarrow: string): SatwayError {
  const list = powers.join(' and ');
  return new SatwayError('WALLET_TOO_POWERFUL', {
    detail: `It can ${list}. ${howToNarrow} To hand it to the gateway of this one story all the same: --allow-powers.`,
    facts: { powers: powers.join(' ') },
  });
}

function sayTaken(powers: readonly string[]): string {
  return `the seller's credential can spend (${powers.join(', ')}), and --allow-powers hands it to the gateway of this story: whoever gets into that has the money. A gateway that is to stay refuses it.`;
}

/** What is careless about the buyer's wallet and only shows once it is connected. Tells on which network it is, before anything is spent. @throws {SatwayError} the codes of `InvoiceIssuer`. */
async function lookAtBuyer({ buyer }: DemoWallets, output: Output): Promise<BitcoinNetwork> {
  const wallet = await connectPayingWallet(buyer.settings);
  try {
    const warnings = [...(await describePowersOf(wallet)), ...describeBlindness(wallet)];
    for (const warning of warnings) output.warn(warning);
    return wallet.network;
  } finally {
    await wallet.close();
  }
}

async function askOnMainnet(
  { buyer }: DemoWallets,
  network: BitcoinNetwork,
  { maxSats, yes = false }: DemoOptions,
): Promise<void> {
  if (yes || network !== 'bitcoin') return;
  const question = `This spends real money: 5 sats and fees, at most ${maxSats} sats, from ${buyer.source}. Go on?`;
  if (await confirm(question)) return;
  throw new SatwayError('CLI_USAGE', { detail: 'Nobody said yes; nothing was paid.' });
}

/** An error that comes after the payment must not deny it. */
function afterPayment(error: unknown, world: DemoWorld, output: Output): unknown {
  const record = recordAt(error, world);
  if (record === null) return error;
  const what = record.fundsMoved === 'yes' ? 'The payment was made and' : 'The payment may have been made and';
  output.warn(whereRecordLies(what, world));
  return withRecord(error, record);
}

function whereRecordLies(what: string, { agent }: DemoWorld): string {
  return `${what} is written down in ${agent.storePath}; see: satway wallet resolve`;
}

async function serve(world: SandboxWorld, output: Output, stopped: Promise<void>): Promise<void> {
  const { gateway, lnd, priceMsat } = world;
  const paidUrl = `${gateway.url}/v1/sun/lugano`;
  output.event({
    event: 'ready',
    gatewayUrl: gateway.url,
    paidUrl,
    freeUrl: `${gateway.url}/v1/cities`,
    priceMsat,
    lnd,
  });
  output.line(`The shop is open: ${paidUrl} costs ${formatMsat(priceMsat)}. Buy from it in another terminal:`);
  output.line();
  output.line(`  export LND_REST_HOST=${lnd.url} LND_MACAROON=${lnd.macaroonHex}`);
  if (lnd.tlsCertPath !== null) output.line(`  export LND_TLS_CERT=${lnd.tlsCertPath}`);
  output.line(`  npx satway pay ${paidUrl}`);
  output.line();
  output.line('It closes at Ctrl-C.');
  await stopped;
}
