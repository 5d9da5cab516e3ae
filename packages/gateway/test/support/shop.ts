import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClaimStore } from '@satway/gate';
import { createMemoryClaimStore } from '@satway/gate/claim-store';
import { createSandboxNetwork, type SandboxNetwork, type SandboxNode } from '@satway/wallets/sandbox';
import { createKeyFile, createLogger, loadGatewayConfig, type RunningGateway, startGateway } from '../../src/index.js';
import { type Answer, type CallInit, call } from './http-call.js';

export interface ShopOptions {
  readonly originUrl: string;
  /** YAML of the list of endpoints, and any further keys. */
  readonly endpoints?: string;
  readonly extra?: string;
  readonly store?: string;
  readonly claimStore?: ClaimStore | null;
  /** In place of a wallet in this process: `wallet:` and `wallets:` as they stand in the file. */
  readonly wallet?: string;
  /** Variables that the file names. */
  readonly environment?: Record<string, string>;
  /** Lines of the log, as they are written. */
  readonly log?: string[];
}

/** A gateway as the command starts it, from a file on disk, paid through an in-process Lightning network. */
export interface Shop {
  readonly url: string;
  readonly folder: string;
  readonly gateway: RunningGateway;
  readonly network: SandboxNetwork;
  readonly seller: SandboxNode;
  readonly buyer: SandboxNode;
  readonly claimStore: ClaimStore | null;
  /** Asks, pays what is asked, and gives the credential; sends nothing more. */
  buy(path: string, init?: CallInit): Promise<string>;
  /** The next start has another wallet. */
  use(wallet: Pick<ShopOptions, 'wallet' | 'environment'>): void;
  /** Stops the gateway and starts another on the same files. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export const ENDPOINTS = `
  - {id: forecast, method: GET, path: /v1/forecast/:city, priceSats: 5}
  - {id: order, method: POST, path: /v1/order, priceSats: 7}
  - {id: tile, method: GET, path: /v1/tile/:z, priceMsat: 250, uses: 3}
  - {id: ping, method: GET, path: /ping, free: true}
`;

export async function openShop(given: ShopOptions): Promise<Shop> {
  let options = given;
  const folder = await mkdtemp(join(tmpdir(), 'satway-shop-'));
  await createKeyFile(join(folder, 'keys.json'));
  const network = createSandboxNetwork();
  const seller = network.addNode('seller');
  const buyer = network.addNode('buyer', { balanceMsat: 1_000_000_000 });
  const claimStore = options.claimStore === undefined ? createMemoryClaimStore() : options.claimStore;
  const start = async (): Promise<RunningGateway> => {
    await writeFile(join(folder, 'satway.yaml'), configText(options));
    return startGateway(
      await loadGatewayConfig(join(folder, 'satway.yaml'), options.environment ?? { MACAROON: '02010203' }),
      {
        ...(options.wallet === undefined ? { issuer: seller.issuer } : {}),
        logger: createLogger('debug', { write: (line: string) => void options.log?.push(line) }),
        ...(claimStore === null ? {} : { claimStore }),
      },
    );
  };
  let gateway = await start();
  return {
    get url() {
      return gateway.url;
    },
    get gateway() {
      return gateway;
    },
    folder,
    network,
    seller,
    buyer,
    claimStore,
    buy: async (path, init) => payFor(await call(`${gateway.url}${path}`, init), buyer),
    use: (wallet) => void (options = { ...options, ...wallet }),
    restart: async () => {
      await gateway.close();
      gateway = await start();
    },
    close: async () => {
      await gateway.close();
      network.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configText(options: ShopOptions): string {
  return `version: 1
tenant: {id: 6f1d3c52-8a3b-4c1e-9d2f-0a1b2c3d4e5f, slug: acme}
origin: ${options.originUrl}
listen: {port: 0}
keys: ./keys.json
store: ${options.store ?? '{kind: memory}'}
${options.wallet ?? 'wallet: {kind: lnd, url: https://127.0.0.1:1, macaroonEnv: MACAROON}'}
endpoints:${options.endpoints ?? ENDPOINTS}
${options.extra ?? ''}
`;
}

/** Pays the invoice of a 402. @returns the value of `Authorization`. */
export async function payFor(challenge: Answer, buyer: SandboxNode): Promise<string> {
  if (challenge.status !== 402) throw new TypeError(`not a challenge: ${challenge.status} ${challenge.body}`);
  const { macaroon, invoice, paymentHash, amountMsat } = JSON.parse(challenge.body) as Record<string, string> & {
    amountMsat?: number;
  };
  const paid = await buyer.payer.pay({
    invoice: String(invoice),
    paymentHashHex: String(paymentHash),
    amountMsat: amountMsat ?? (await invoiceAmount(String(invoice))),
    feeLimitMsat: 1_000,
    timeoutMs: 10_000,
  });
  if (paid.state !== 'settled') throw new TypeError(`not paid: ${paid.state}`);
  return `L402 ${macaroon}:${paid.preimageHex}`;
}

async function invoiceAmount(invoice: string): Promise<number> {
  const { decodeInvoice } = await import('@satway/protocol');
  const decoded = decodeInvoice(invoice);
  return decoded.ok ? Number(decoded.value.amountMsat) : 0;
}
