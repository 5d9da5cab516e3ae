import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonLines, runSatway, type Serving, serveSatway, startSatway } from '../run-satway.js';
import { startWalletSandbox, type WalletSandbox } from '../wallet-sandbox.js';

let folder = '';
let sandbox: WalletSandbox;
let gateway: Serving;
const origin = createServer((_request, response) => response.end('the answer'));

/** What the road between buyer and gateway does with requests. */
type Road = 'open' | 'closed' | 'loses paid answers' | 'holds paid requests' | 'turns paid requests away';
let road: Road = 'open';
let onPaidRequest: () => void = () => undefined;
const proxy = createServer((incoming, outgoing) => {
  const paid = incoming.headers.authorization !== undefined;
  if (road === 'closed') return void incoming.socket.destroy();
  if (paid) onPaidRequest();
  if (paid && road === 'holds paid requests') return;
  if (paid && road === 'turns paid requests away') {
    return void outgoing.writeHead(429, { 'x-payment-outcome': 'not_charged' }).end();
  }
  forward(incoming, outgoing, paid && road === 'loses paid answers');
});

function forward(incoming: IncomingMessage, outgoing: ServerResponse, loses: boolean): void {
  const { method = 'GET', url = '/', headers } = incoming;
  const onward = request(`${String(gateway.first['url'])}${url}`, { method, headers }, (answer) => {
    answer.resume();
    if (loses) return void answer.once('end', () => incoming.socket.destroy());
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(outgoing);
  });
  incoming.pipe(onward);
}

const portOf = (server: typeof proxy): number => (server.address() as AddressInfo).port;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'satway-once-'));
  for (const server of [origin, proxy]) await once(server.listen(0, '127.0.0.1'), 'listening');
  sandbox = await startWalletSandbox();
  await runSatway(['gateway', 'init', folder]);
  const { LND_REST_HOST, LND_MACAROON } = sandbox.environment('seller', 'invoice');
  const config = join(folder, 'satway.yaml');
  writeFileSync(
    config,
    `version: 1
tenant: {id: 6f1d3c52-8a3b-4c1e-9d2f-0a1b2c3d4e5f, slug: acme}
origin: http://127.0.0.1:${portOf(origin)}
listen: {host: 127.0.0.1, port: 0}
keys: ./keys.json
store: {kind: memory}
wallet: {kind: lnd, url: "${LND_REST_HOST}", macaroonEnv: SELLER_MACAROON}
endpoints:
  - {id: thing, method: GET, path: /thing/:name, priceSats: 5}
`,
  );
  gateway = await serveSatway(['gateway', '--config', config, '--json'], { SELLER_MACAROON: LND_MACAROON ?? '' });
}, 180_000);

afterAll(async () => {
  await gateway.stop('SIGTERM');
  await sandbox.close();
  for (const server of [origin, proxy]) {
    server.close();
    server.closeAllConnections();
  }
  rmSync(folder, { recursive: true, force: true });
});

interface Step {
  readonly road?: Road;
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Ends the run by this signal once its payment is made and the paid request is on its way. */
  readonly signal?: NodeJS.Signals;
  /** The wallet has the payment in flight when the run is ended, and it settles later. */
  readonly stuck?: true;
  readonly code: number | null;
}

const STEPS = {
  'paid and lost': { road: 'loses paid answers', code: 8 },
  'paid and turned away': { road: 'turns paid requests away', code: 9 },
  'paid and not written': { args: ['-o', '/dev/full'], code: 8 },
  'paid and interrupted': { road: 'holds paid requests', signal: 'SIGINT', code: null },
  'paid and killed': { road: 'holds paid requests', signal: 'SIGKILL', code: null },
  'killed in payment': { stuck: true, signal: 'SIGKILL', code: null },
  'wallet away': { environment: { LND_REST_HOST: 'http://127.0.0.1:1' }, code: 6 },
  'wallet not configured': { environment: { LND_REST_HOST: '', LND_MACAROON: '' }, code: 2 },
  'wallet half configured': { environment: { LND_REST_HOST: '' }, code: 2 },
  'wallet file missing': { args: ['--wallet-file', '/nowhere/wallet.yaml'], code: 2 },
  'limit that cannot be read': { environment: { BUDGET_SATS: 'plenty' }, code: 2 },
  'output that cannot be written': { args: ['-o', '/nowhere/out.json'], code: 2 },
  'seller away': { road: 'closed', code: 6 },
  'seller away after payment': { road: 'closed', code: 8 },
  'too expensive': { args: ['--max-sats', '4'], code: 3 },
  'budget exhausted': { args: ['--budget-sats', '1'], code: 3 },
} as const satisfies Readonly<Record<string, Step>>;

type StepName = keyof typeof STEPS;

/** Runs that end without the answer, and how often it is paid for in the end, with a last run that nothing hinders. */
const SEQUENCES: readonly (readonly StepName[])[] = [
  ['paid and lost', 'wallet away'],
  ['paid and lost', 'wallet not configured'],
  ['paid and lost', 'wallet half configured', 'wallet file missing', 'limit that cannot be read'],
  ['paid and lost', 'output that cannot be written', 'seller away after payment', 'paid and lost'],
  ['paid and turned away', 'wallet away'],
  ['paid and not written', 'wallet not configured'],
  ['paid and interrupted', 'wallet away', 'seller away after payment'],
  ['paid and killed', 'wallet not configured', 'paid and interrupted'],
  ['killed in payment', 'wallet away', 'wallet not configured'],
  ['wallet away', 'too expensive', 'budget exhausted', 'seller away', 'paid and lost', 'wallet away'],
];

describe('satway pay pays once for one thing, whatever its runs meet', { timeout: 180_000 }, () => {
  it.each(SEQUENCES.map((steps) => [steps.join(', then '), steps] as const))('%s', async (_title, steps) => {
    const home = mkdtempSync(join(folder, 'home-'));
    const url = `http://127.0.0.1:${portOf(proxy)}/thing/${home.slice(-6)}`;
    const before = settled();
    for (const name of steps) expect([name, await run(STEPS[name], url, home)]).toEqual([name, STEPS[name].code]);
    const last = await runSatway(['pay', url], environment(home));
    expect(last).toMatchObject({ code: 0, stdout: 'the answer' });
    expect(settled() - before).toBe(1);
    expect((await runSatway(['pay', url], environment(home))).code).toBe(0);
    expect(settled() - before).toBe(2);
  });

  it('does not pay with another wallet what one has paid already, and says so', async () => {
    const { home, url, before } = fresh('other-wallet');
    await run(STEPS['paid and lost'], url, home);
    const other = { ...sandbox.environment('other', 'pay'), SATWAY_HOME: home };
    const refused = await runSatway(['pay', url, '--json'], other);
    expect(refused.code).toBe(5);
    expect(jsonLines(refused.stderr)[0]).toMatchObject({ code: 'PURCHASE_OF_OTHER_WALLET', fundsMoved: 'yes' });
    expect((await runSatway(['pay', url], environment(home))).stdout).toBe('the answer');
    expect(settled() - before).toBe(1);
  });

  it('says when a signal ends it that the next run goes on with what it has paid', async () => {
    const { home, url } = fresh('told');
    road = 'holds paid requests';
    const paid = untilPaid();
    const child = startSatway(['pay', url, '--json'], environment(home));
    const said = text(child.stderr);
    child.stdout.resume();
    await paid;
    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([null, 'SIGTERM']);
    road = 'open';
    expect(jsonLines(await said)).toMatchObject([{ warning: expect.stringContaining('same command') }]);
    expect(jsonLines((await runSatway(['pay', url, '--json'], environment(home))).stdout)[0]).toMatchObject({
      paidMsat: 0,
      source: 'recovered',
    });
  });

  it('leaves what it has paid alone while a call with a key of the caller’s own is bought', async () => {
    const { home, url, before } = fresh('own-key');
    await run(STEPS['paid and lost'], url, home);
    expect((await runSatway(['pay', url, '-H', 'Idempotency-Key: mine'], environment(home))).code).toBe(0);
    expect(settled() - before).toBe(2);
    expect((await runSatway(['pay', url], environment(home))).code).toBe(0);
    expect(settled() - before).toBe(2);
  });
});

function fresh(name: string): { home: string; url: string; before: number } {
  const home = join(folder, name);
  mkdirSync(home, { mode: 0o700 });
  return { home, url: `http://127.0.0.1:${portOf(proxy)}/thing/${name}`, before: settled() };
}

/** Payments of all buyers that settled, by the network's own books. */
function settled(): number {
  const payments = sandbox.network.books().nodes.flatMap((node) => node.payments);
  return payments.filter(({ state }) => state === 'SUCCEEDED').length;
}

const environment = (home: string): Record<string, string> => ({
  ...sandbox.environment('buyer', 'pay'),
  SATWAY_HOME: home,
});

async function run(step: Step, url: string, home: string): Promise<number | null> {
  road = step.road ?? 'open';
  const args = ['pay', url, '--json', ...(step.args ?? [])];
  const variables = { ...environment(home), ...step.environment };
  try {
    if (step.signal === undefined) return (await runSatway(args, variables)).code;
    if (step.stuck === true) sandbox.network.addFault('buyer', { kind: 'stuckThenSettled' });
    return await endAt(step.stuck === true ? untilInFlight : untilPaid, step.signal, args, variables);
  } finally {
    road = 'open';
  }
}

async function endAt(
  moment: () => Promise<() => void>,
  signal: NodeJS.Signals,
  args: readonly string[],
  variables: Record<string, string>,
): Promise<number | null> {
  const come = moment();
  const child = startSatway(args, variables);
  child.stdout.resume();
  child.stderr.resume();
  const settle = await come;
  child.kill(signal);
  const [code] = (await once(child, 'close')) as [number | null];
  settle();
  return code;
}

async function untilPaid(): Promise<() => void> {
  await new Promise<void>((resolve) => (onPaidRequest = resolve));
  return () => undefined;
}

async function untilInFlight(): Promise<() => void> {
  for (;;) {
    const payments = sandbox.network.books().nodes.flatMap((node) => node.payments);
    const stuck = payments.find(({ state }) => state === 'IN_FLIGHT');
    if (stuck !== undefined) return () => void sandbox.network.resolve(stuck.paymentHashHex, 'settled');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
