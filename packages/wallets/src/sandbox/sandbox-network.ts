import { randomBytes } from 'node:crypto';
import { SatwayError } from '@satway/base';
import type { BitcoinNetwork } from '@satway/protocol';
import type { ReceivingWallet, PayingWallet } from '../wallet.js';
import { SandboxLedger } from './ledger/index.js';
import {
  booksOf,
  type PaymentFault,
  pubkeyHexOf,
  type RoutingFee,
  type SandboxBooks,
  type SandboxClock,
  SandboxLightning,
  systemClock,
} from './network/index.js';
import { createSandboxIssuer, createSandboxPayer } from './wallet/index.js';

/** How the sandbox network is made; every value has a default. */
export interface SandboxNetworkOptions {
  /** SQLite file in which the state outlives the process, kill -9 included; in memory where left out. */
  readonly stateFile?: string;
  /** Only `regtest` exists here. */
  readonly network?: BitcoinNetwork;
  /** What routing costs; nothing by default, as over a direct channel. */
  readonly routingFee?: RoutingFee;
  /** How long a usual payment is in flight; 0 by default. */
  readonly paymentDelayMs?: number;
  readonly clock?: SandboxClock;
  readonly randomBytes?: (length: number) => Uint8Array;
}

/** One node: its name and key, and its wallet from both sides. */
export interface SandboxNode {
  readonly name: string;
  readonly pubkeyHex: string;
  readonly issuer: ReceivingWallet;
  readonly payer: PayingWallet;
}

/** A small Lightning network in one process. It moves regtest money only, and its preimages appear on payment only. */
export interface SandboxNetwork {
  readonly network: 'regtest';
  /** Makes a node, or finds it again, with what it owned; `balanceMsat` is given to a new one. */
  addNode(name: string, options?: { readonly balanceMsat?: number }): SandboxNode;
  /** @throws {SatwayError} `SANDBOX_NODE_UNKNOWN`. */
  node(name: string): SandboxNode;
  nodes(): SandboxNode[];
  /** @throws {SatwayError} `SANDBOX_NODE_UNKNOWN`, `SANDBOX_AMOUNT_INVALID`. */
  fund(name: string, amountMsat: number): void;
  setRoutingFee(fee: RoutingFee): void;
  /** Strikes the next payment of `payer` that goes out; several wait in line. */
  addFault(payer: string, fault: PaymentFault): void;
  /** Ends a payment that is stuck or held: settled, or failed with the money back. @returns whether there was one. */
  resolve(paymentHashHex: string, as: 'settled' | 'failed'): boolean;
  /** Cancels an invoice of this node that is not settled. @returns whether it could. */
  cancelInvoice(payee: string, paymentHashHex: string): boolean;
  books(): SandboxBooks;
  /** For the REST front of this room. */
  readonly lightning: SandboxLightning;
  close(): void;
}

/**
 * Opens a sandbox network.
 *
 * @throws {SatwayError} `SANDBOX_NETWORK_REFUSED` for any network but regtest, `PROCESS_LOCK_HELD` where another process has the state file
 *   open, `SANDBOX_STATE_UNUSABLE`. Funds moved: no.
 */
export function createSandboxNetwork(options: SandboxNetworkOptions = {}): SandboxNetwork {
  if ((options.network ?? 'regtest') !== 'regtest') throw new SatwayError('SANDBOX_NETWORK_REFUSED');
  const clock = options.clock ?? systemClock;
  const lightning = new SandboxLightning({
    ledger: new SandboxLedger(options.stateFile ?? null),
    clock,
    randomBytes: options.randomBytes ?? randomBytes,
    paymentDelayMs: options.paymentDelayMs ?? 0,
  });
  if (options.routingFee !== undefined) lightning.routingFee = options.routingFee;
  const nodeOf = (name: string): SandboxNode => sandboxNode(lightning, clock, name);
  return {
    network: 'regtest',
    addNode(name, { balanceMsat = 0 } = {}) {
      const isNew = lightning.nodes().every((node) => node.name !== name);
      lightning.addNode(name);
      if (isNew && balanceMsat > 0) lightning.fund(name, balanceMsat);
      return nodeOf(name);
    },
    node: nodeOf,
    nodes: () => lightning.nodes().map(({ name }) => nodeOf(name)),
    fund: (name, amountMsat) => lightning.fund(name, amountMsat),
    setRoutingFee: (fee) => void (lightning.routingFee = fee),
    addFault: (payer, fault) => lightning.addFault(payer, fault),
    resolve: (hashHex, as) => lightning.resolve(hashHex, as === 'settled' ? 'SUCCEEDED' : 'FAILED') !== null,
    cancelInvoice: (payee, hashHex) => lightning.cancelInvoice(payee, hashHex),
    books: () => booksOf(lightning),
    lightning,
    close: () => lightning.close(),
  };
}

function sandboxNode(lightning: SandboxLightning, clock: SandboxClock, name: string): SandboxNode {
  return {
    name,
    pubkeyHex: pubkeyHexOf(lightning.node(name).privateKeyHex),
    issuer: createSandboxIssuer(lightning, name),
    payer: createSandboxPayer(lightning, name, (delayMs, run) => clock.after(delayMs, run)),
  };
}
