import { resolve } from 'node:path';
import type { RunningGateway } from '@satway/gateway';
import type { Command } from 'commander';
import { gatewayRoom } from '../gateway-room.js';
import { createOutput, type Output } from '../output/index.js';
import { onHangup } from '../on-hangup.js';
import { hideWalletSecrets, hidingWhatIsRead, withPrivate } from '../private-environment.js';
import { untilStopped } from '../until-stopped.js';

const HELP = `
The gateway reads its whole configuration from one file and refuses to start on any mistake in it, naming each by line and column.
It logs JSON lines on stderr, tells its state at /healthz and its counts at /metrics, and stops at SIGINT or SIGTERM when running
calls have ended. A changed file of keys is taken up while it runs; at SIGHUP it reads its file again and takes over endpoints and prices.

Examples:
  satway gateway init ./shop && satway gateway --config ./shop/satway.yaml
  satway gateway --config satway.yaml --check`;

/** `satway gateway`: puts prices on an API. */
export function addGatewayCommand(program: Command): void {
  const gateway = program
    .command('gateway')
    .description('Put prices on an HTTP API: the server that stands in front of it.')
    .option('--config <file>', 'the configuration', 'satway.yaml')
    .option('--check', 'only say whether the configuration is right')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action((options: { config: string; check?: boolean; json?: boolean }) => runGateway(options));
  gateway
    .command('init')
    .description('Write a first satway.yaml, with a tenant id of its own, and keys.json; never overwrites.')
    .argument('[folder]', 'where', '.')
    .option('--json', 'print JSON')
    .action((folder: string, options: { json?: boolean }) => initGateway(folder, options.json === true));
}

async function runGateway(options: { config: string; check?: boolean; json?: boolean }): Promise<void> {
  const output = createOutput(options.json === true);
  const path = resolve(options.config);
  if (options.check === true) return checkConfig(path, options.config, output);
  let gateway: RunningGateway | null = null;
  let hungUpEarly = false;
  // From before the start on: a signal that comes too early must not end the process, and is not forgotten either.
  const stopListening = onHangup(() => {
    if (gateway === null) hungUpEarly = true;
    else void gateway.reload(path, withPrivate(), hidingWhatIsRead);
  });
  const { loadGatewayConfig, startGateway } = await gatewayRoom();
  const config = await loadGatewayConfig(path, withPrivate(), hidingWhatIsRead);
  hideWalletSecrets();
  gateway = await startGateway(config);
  output.event({ event: 'ready', url: gateway.url });
  output.line(`The gateway listens on ${gateway.url}.`);
  const stopped = untilStopped();
  if (hungUpEarly) void gateway.reload(path, withPrivate(), hidingWhatIsRead);
  await stopped;
  await gateway.close();
  stopListening();
}

async function checkConfig(path: string, name: string, output: Output): Promise<void> {
  const { checkWalletPowers, loadGatewayConfig } = await gatewayRoom();
  const config = await loadGatewayConfig(path);
  checkWalletPowers(config);
  output.event({ event: 'config_ok', endpoints: config.endpoints.length });
  output.line(`${name} is right: ${config.endpoints.length} endpoints.`);
}

async function initGateway(folder: string, json: boolean): Promise<void> {
  const output = createOutput(json);
  const { initGatewayFiles } = await gatewayRoom();
  const { configPath, keysPath } = await initGatewayFiles(resolve(folder));
  output.event({ event: 'initialised', config: configPath, keys: keysPath });
  output.line(`Wrote ${configPath} and ${keysPath}.`);
  output.line('Name your API, your prices and your wallet in the first; keep the second secret, and back it up.');
  output.line(`Then: satway gateway --config ${configPath}`);
}
