import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  createSandboxNetwork,
  type SandboxLndServer,
  type SandboxNetwork,
  startSandboxLndServer,
} from '@satway/wallets/sandbox';
import type { Command } from 'commander';
import { parsePort, parseSats } from '../amounts.js';
import { createOutput, type Output } from '../output/index.js';
import { untilStopped } from '../until-stopped.js';

interface SandboxOptions {
  readonly port: number;
  readonly tls?: boolean;
  readonly folder: string;
  readonly keep?: boolean;
  readonly balanceSats: number;
  readonly json?: boolean;
}

const HELP = `
The network has two nodes, "buyer" with a balance and "seller". Both are reached over one port that speaks LND's REST; the macaroon says which
node is meant. The folder gets a macaroon for each role: buyer-admin, buyer-pay, seller-admin, seller-invoice, and tls.cert with --tls.

Faults on demand, books and funds: POST and GET below /sandbox/v1/, for example
  curl -s URL/sandbox/v1/books
  curl -s URL/sandbox/v1/faults -H 'Content-Type: application/json' -d '{"node":"buyer","fault":{"kind":"replyLost"}}'

It moves money of a test network (regtest) and refuses any other invoice.`;

/** `satway sandbox`: a Lightning network for trying things out. */
export function addSandboxCommand(program: Command): void {
  program
    .command('sandbox')
    .description("Run a small Lightning network that speaks LND's REST, for demos and for faults on demand.")
    .option('--port <port>', 'port on loopback, 0 for any', parsePort, 0)
    .option('--tls', 'serve https with a certificate to pin')
    .option('--folder <folder>', 'where macaroons, certificate and state go', './satway-sandbox')
    .option('--keep', 'keep the state in the folder, for the next start')
    .option('--balance-sats <sats>', "the buyer's balance at its first start", parseSats, 100_000)
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action((options: SandboxOptions) => runSandbox(options));
}

async function runSandbox(options: SandboxOptions): Promise<void> {
  const output = createOutput(options.json === true);
  const folder = resolve(options.folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const network = createSandboxNetwork(options.keep === true ? { stateFile: join(folder, 'network.db') } : {});
  try {
    network.addNode('buyer', { balanceMsat: options.balanceSats * 1000 });
    network.addNode('seller');
    await serve(network, options, folder, output);
  } finally {
    network.close();
  }
}

async function serve(network: SandboxNetwork, options: SandboxOptions, folder: string, output: Output): Promise<void> {
  const server = await startSandboxLndServer(network, { port: options.port, tls: options.tls === true });
  const stopped = untilStopped();
  const files = writeCredentials(server, folder);
  output.event({ event: 'ready', url: server.url, ...files });
  output.line(`A sandbox Lightning network speaks LND's REST on ${server.url}; its macaroons are in ${folder}.`);
  output.line();
  output.line(`  export LND_REST_HOST=${server.url} LND_MACAROON=${files.payMacaroonFile}`);
  if (files.tlsCertFile !== null) output.line(`  export LND_TLS_CERT=${files.tlsCertFile}`);
  await stopped;
  await server.close();
}

interface CredentialFiles {
  readonly payMacaroonFile: string;
  readonly invoiceMacaroonFile: string;
  readonly tlsCertFile: string | null;
}

function writeCredentials(server: SandboxLndServer, folder: string): CredentialFiles {
  const write = (name: string, content: Buffer | string): string => {
    const path = join(folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const bake = (node: string, kind: 'admin' | 'pay' | 'invoice'): string =>
    write(`${node}-${kind}.macaroon`, Buffer.from(server.macaroonHex(node, kind), 'hex'));
  bake('buyer', 'admin');
  bake('seller', 'admin');
  return {
    payMacaroonFile: bake('buyer', 'pay'),
    invoiceMacaroonFile: bake('seller', 'invoice'),
    tlsCertFile: server.certificate === null ? null : write('tls.cert', server.certificate.certificatePem),
  };
}
