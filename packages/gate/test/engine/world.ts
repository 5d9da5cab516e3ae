import { createKeyRing, decodeInvoice, formatAuthorization, type KeyRing } from '@satway/protocol';
import type { InvoiceIssuer } from '@satway/wallets';
import { createSandboxNetwork, type SandboxClock } from '@satway/wallets/sandbox';
import { onTestFinished } from 'vitest';
import { type ClaimStore, createMemoryClaimStore } from '../../src/claim-store/index.js';
import {
  createGate,
  type Decision,
  type Gate,
  type GateEvent,
  type GateOptions,
  type RequestFacts,
} from '../../src/engine/index.js';
import { NO_GATE_LIMITS } from '../../src/limits/index.js';
import {
  type Ask,
  claimOf,
  describeDecision,
  ENDPOINTS,
  masterKey,
  readOffer,
  requestFacts,
  TENANT,
} from './helpers.js';

/** A gate with a real store and a wallet on the sandbox network, a clock that stands still, and a buyer. */
export interface World {
  readonly gate: Gate;
  readonly events: GateEvent[];
  /** Names of the store's methods in the order in which they were called. */
  readonly storeCalls: string[];
  /** Invoices that the wallet made. */
  readonly issued: number;
  keyRing: KeyRing;
  nowMs(): number;
  advance(ms: number): void;
  facts(target: string, ask?: Ask): RequestFacts;
  ask(target: string, ask?: Ask): Promise<Decision>;
  /** Pays from the buyer's wallet. @returns the preimage. */
  pay(invoice: string): Promise<string>;
  /** Asks, pays, and gives the header pair of the credential. */
  buy(target: string, ask?: Ask): Promise<readonly ['Authorization', string]>;
}

export interface WorldOptions
  extends Partial<
    Pick<GateOptions, 'tenant' | 'endpoints' | 'limits' | 'idempotency' | 'confirmSettlement' | 'invoiceExpiryMs'>
  > {
  readonly store?: (nowMs: () => number) => ClaimStore;
  /** Puts something hostile or broken between the gate and its wallet. */
  readonly wrapIssuer?: (issuer: InvoiceIssuer) => InvoiceIssuer;
}

export async function createWorld(options: WorldOptions = {}): Promise<World> {
  let nowMs = Date.now();
  const clock = () => nowMs;
  const { seller, pay } = openSandbox(clock);
  const events: GateEvent[] = [];
  const storeCalls: string[] = [];
  const { wrapIssuer = (issuer) => issuer, store = (time) => createMemoryClaimStore({ clock: time }) } = options;
  const state = { keyRing: createKeyRing([masterKey(0)]), issued: 0 };
  const gate = createGate({
    tenant: options.tenant ?? TENANT,
    endpoints: options.endpoints ?? ENDPOINTS,
    keyRing: () => state.keyRing,
    issuer: wrapIssuer(countingIssuer(seller, () => (state.issued += 1))),
    claimStore: recordingStore(store(clock), storeCalls),
    clock,
    limits: { ...NO_GATE_LIMITS, ...options.limits },
    ...(options.idempotency === undefined ? {} : { idempotency: options.idempotency }),
    ...(options.confirmSettlement === undefined ? {} : { confirmSettlement: options.confirmSettlement }),
    ...(options.invoiceExpiryMs === undefined ? {} : { invoiceExpiryMs: options.invoiceExpiryMs }),
    onEvent: (event) => void events.push(event),
  });
  onTestFinished(() => gate.close());
  const ask = (target: string, given?: Ask) => gate.decide(requestFacts(target, given));
  return {
    gate,
    events,
    storeCalls,
    get issued() {
      return state.issued;
    },
    get keyRing() {
      return state.keyRing;
    },
    set keyRing(keyRing) {
      state.keyRing = keyRing;
    },
    nowMs: clock,
    advance: (ms) => void (nowMs += ms),
    facts: requestFacts,
    ask,
    pay,
    buy: async (target, given) => {
      const { macaroonText, invoice } = readOffer(await ask(target, given));
      return ['Authorization', formatAuthorization(macaroonText, await pay(invoice))];
    },
  };
}

const BUYER_MSAT = 1_000_000_000_000;

/** A seller and a buyer on a sandbox network of their own, which goes with the test. */
function openSandbox(now: () => number): { seller: InvoiceIssuer; pay: (invoice: string) => Promise<string> } {
  const network = createSandboxNetwork({ clock: sandboxClock(now) });
  onTestFinished(() => network.close());
  const buyer = network.addNode('buyer', { balanceMsat: BUYER_MSAT }).payer;
  const pay = async (invoice: string) => {
    const decoded = decodeInvoice(invoice);
    if (!decoded.ok) throw new TypeError(decoded.code);
    const { paymentHashHex } = decoded.value;
    const amountMsat = Number(decoded.value.amountMsat);
    const outcome = await buyer.pay({ invoice, paymentHashHex, amountMsat, feeLimitMsat: 0, timeoutMs: 5_000 });
    if (outcome.state !== 'settled') throw new TypeError(`the payment is ${outcome.state}`);
    return outcome.preimageHex;
  };
  return { seller: network.addNode('seller').issuer, pay };
}

function sandboxClock(now: () => number): SandboxClock {
  const after: SandboxClock['after'] = (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  };
  return { now, after };
}

function countingIssuer(issuer: InvoiceIssuer, count: () => void): InvoiceIssuer {
  return {
    preimageIsProof: true,
    get network() {
      return issuer.network;
    },
    create: (request) => {
      count();
      return issuer.create(request);
    },
    lookUp: (hash) => issuer.lookUp(hash),
    ...(issuer.onSettled === undefined ? {} : { onSettled: issuer.onSettled.bind(issuer) }),
  };
}

/** The store itself, with some of its methods replaced. */
export function changedStore(store: ClaimStore, changes: Partial<ClaimStore>): ClaimStore {
  return new Proxy(store, { get: (target, name: keyof ClaimStore) => changes[name] ?? target[name].bind(target) });
}

/** The store itself, with a note of each call. */
function recordingStore(store: ClaimStore, calls: string[]): ClaimStore {
  return new Proxy(store, {
    get: (target, name: keyof ClaimStore) => {
      calls.push(name);
      return target[name].bind(target);
    },
  });
}

/** One word for what is said to these headers. */
export async function said(world: World, target: string, headers: readonly string[], ask: Ask = {}): Promise<string> {
  return describeDecision(await world.ask(target, { ...ask, headers }));
}

/** Redeems once and captures. */
export async function spend(world: World, target: string, headers: readonly string[]): Promise<string> {
  const decision = await world.ask(target, { headers });
  return decision.kind === 'grant' ? claimOf(decision).capture() : describeDecision(decision);
}
