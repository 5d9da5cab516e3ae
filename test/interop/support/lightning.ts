import {
  createSandboxNetwork,
  type SandboxLndServer,
  type SandboxNetwork,
  type SandboxNode,
  startSandboxLndServer,
} from '@satway/wallets/sandbox';
import { onTestFinished } from 'vitest';

/** A seller's and a buyer's node; the network's books are the judge of what was paid. */
export interface Lightning {
  readonly network: SandboxNetwork;
  readonly seller: SandboxNode;
  readonly buyer: SandboxNode;
  /** Amounts of the buyer's payments that went through, in millisatoshis. */
  paidMsat(): number[];
  /** How many payments the buyer's wallet was asked for, whatever became of them. */
  paymentCount(): number;
}

export function openLightning(): Lightning {
  const network = createSandboxNetwork();
  onTestFinished(() => network.close());
  const payments = () => network.books().nodes.find(({ name }) => name === 'buyer')?.payments ?? [];
  return {
    network,
    seller: network.addNode('seller'),
    buyer: network.addNode('buyer', { balanceMsat: 10_000_000_000 }),
    paidMsat: () => payments().flatMap(({ state, amountMsat }) => (state === 'SUCCEEDED' ? [amountMsat] : [])),
    paymentCount: () => payments().length,
  };
}

/** LND's REST for both nodes, as a buyer's program would find it. */
export async function serveLndRest(network: SandboxNetwork): Promise<SandboxLndServer> {
  const server = await startSandboxLndServer(network);
  onTestFinished(() => server.close());
  return server;
}
