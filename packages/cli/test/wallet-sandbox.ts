import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IssuedInvoice } from '@satway/wallets';
import { createSandboxNetwork, type SandboxNetwork, startSandboxLndServer } from '@satway/wallets/sandbox';
import { jsonLines, runSatway } from './run-satway.js';

/** What a run said, read. */
export interface Told {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly events: readonly Record<string, unknown>[];
  readonly errors: readonly Record<string, unknown>[];
}

type MacaroonKind = Parameters<Awaited<ReturnType<typeof startSandboxLndServer>>['macaroonHex']>[1];

/** A sandbox network over LND's REST, and the command run with wallets of it. */
export interface WalletSandbox {
  readonly network: SandboxNetwork;
  readonly home: string;
  /** The environment that names a wallet. */
  environment(node: string, kind: MacaroonKind): Record<string, string>;
  /** A file that names a wallet. */
  walletFile(node: string, kind: MacaroonKind): string;
  /** An invoice of the seller's. */
  invoice(amountMsat?: number, expirySeconds?: number): Promise<IssuedInvoice>;
  /** `satway wallet …` with the buyer's pay-only macaroon and `--json`. */
  wallet(...args: string[]): Promise<Told>;
  spentMsat(): Promise<number>;
  close(): Promise<void>;
}

export const BALANCE_MSAT = 10_000_000;

export async function startWalletSandbox(): Promise<WalletSandbox> {
  const network = createSandboxNetwork();
  for (const name of ['buyer', 'other']) network.addNode(name, { balanceMsat: BALANCE_MSAT });
  network.addNode('seller');
  const server = await startSandboxLndServer(network, { tls: false });
  const home = mkdtempSync(join(tmpdir(), 'satway-wallet-'));
  const environment = (node: string, kind: MacaroonKind) => ({
    SATWAY_HOME: home,
    LND_REST_HOST: server.url,
    LND_MACAROON: server.macaroonHex(node, kind),
  });
  return {
    network,
    home,
    environment,
    walletFile(node, kind) {
      const file = join(home, `${node}-${kind}.yaml`);
      const macaroon = server.macaroonHex(node, kind);
      writeFileSync(file, `kind: lnd\nurl: ${server.url}\nmacaroon: ${macaroon}\n`, { mode: 0o600 });
      return file;
    },
    invoice: (amountMsat = 5000, expirySeconds = 600) =>
      network.node('seller').issuer.create({ amountMsat, description: 'one call', expirySeconds }),
    wallet: async (...args) => readTold(await runSatway(['wallet', ...args, '--json'], environment('buyer', 'pay'))),
    spentMsat: async () => BALANCE_MSAT - (await network.node('buyer').payer.balance()).spendableMsat,
    async close() {
      await server.close();
      network.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

export function readTold(ended: { code: number | null; stdout: string; stderr: string }): Told {
  const read = (text: string) =>
    jsonLines(
      text
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .join('\n') || '{}',
    );
  return { ...ended, events: read(ended.stdout), errors: read(ended.stderr) };
}
