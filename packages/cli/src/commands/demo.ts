import type { Command } from 'commander';
import { formatMsat, parsePort } from '../amounts.js';
import { type DemoWorld, startDemoWorld } from '../demo/demo-world.js';
import { tellPurchase } from '../demo/demo-story.js';
import { createOutput, type Output } from '../output/index.js';
import { untilStopped } from '../until-stopped.js';

interface DemoOptions {
  readonly serve?: boolean;
  readonly port: number;
  readonly lndPort: number;
  readonly tls?: boolean;
  readonly json?: boolean;
}

const HELP = `
Everything runs on this machine and with money of a test network; nothing is kept. With --serve the shop stays open until SIGINT or
SIGTERM, for you to buy from with "satway pay", with the buyer's wallet that it names.`;

/** `satway demo`: a paid request from the 402 to the answer. */
export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('Watch one paid request: an API, a gateway, a Lightning network and an agent, all on this machine.')
    .option('--serve', 'leave out the story, keep the shop open')
    .option('--port <port>', 'port of the gateway, 0 for any', parsePort, 0)
    .option('--lnd-port <port>', "port of the network's LND REST interface, 0 for any", parsePort, 0)
    .option('--tls', 'serve LND over https with a certificate to pin, as a real one does')
    .option('--json', 'print JSON lines')
    .addHelpText('after', HELP)
    .action((options: DemoOptions) => runDemo(options));
}

async function runDemo(options: DemoOptions): Promise<void> {
  const output = createOutput(options.json === true);
  const { port, lndPort } = options;
  const world = await startDemoWorld({ port, lndPort, tls: options.tls === true });
  try {
    if (options.serve === true) await serve(world, output);
    else await tellPurchase(world, output);
  } finally {
    await world.close();
  }
}

async function serve(world: DemoWorld, output: Output): Promise<void> {
  const { gateway, lnd, priceMsat } = world;
  const paidUrl = `${gateway.url}/v1/sun/lugano`;
  const stopped = untilStopped();
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
