import { type ErrorCode, SatwayError } from '@satway/base';
import type { BitcoinNetwork, ReceivingWallet, SettledNotice } from '@satway/wallets';
import { createSandboxNetwork } from '@satway/wallets/sandbox';

/** A wallet of the sandbox that fails on demand, and counts what it is asked. */
export interface ScriptedWallet extends ReceivingWallet {
  /** `null` works; a code is thrown by every call. */
  failsWith: ErrorCode | null;
  readonly created: string[];
  readonly lookedUp: string[];
  asked: number;
  closed: number;
  /** Waited for in `create`. */
  gate: Promise<void>;
  settle(notice: SettledNotice): void;
}

const sandbox = createSandboxNetwork();
sandbox.addNode('buyer', { balanceMsat: 1_000_000_000 });
let count = 0;

/** Pays an invoice of any of these wallets. */
export function payFromSandbox(invoice: string): void {
  sandbox.lightning.send('buyer', { invoice, amountMsat: null, feeLimitMsat: 0 });
}

export function closeSandbox(): void {
  sandbox.close();
}

/** @param more - what is different about this one. */
export function scriptedWallet(
  more: Partial<ReceivingWallet> & { network?: BitcoinNetwork | null } = {},
): ScriptedWallet {
  count += 1;
  const { issuer } = sandbox.addNode(`seller-${count}`);
  const listeners = new Set<(notice: SettledNotice) => void>();
  const fail = (): void => {
    wallet.asked += 1;
    if (wallet.failsWith !== null) throw new SatwayError(wallet.failsWith, { detail: `wallet ${wallet.kind}` });
  };
  const wallet: ScriptedWallet = {
    kind: 'sandbox',
    network: null,
    preimageIsProof: true,
    failsWith: null,
    created: [],
    lookedUp: [],
    asked: 0,
    closed: 0,
    gate: Promise.resolve(),
    async create(request) {
      await wallet.gate;
      fail();
      const issued = await issuer.create(request);
      wallet.created.push(issued.paymentHashHex);
      return issued;
    },
    async lookUp(paymentHashHex) {
      wallet.lookedUp.push(paymentHashHex);
      fail();
      return issuer.lookUp(paymentHashHex);
    },
    onSettled(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async receivableMsat() {
      fail();
      return null;
    },
    async inspect() {
      fail();
      return {
        kind: wallet.kind,
        network: null,
        can: { pay: false, createInvoice: true, read: true, administer: false },
        excess: { pay: [], receive: [], read: [] },
        howToNarrow: { pay: 'p', receive: 'r', read: 'd' },
      };
    },
    close: async () => void (wallet.closed += 1),
    settle: (notice) => listeners.forEach((listener) => listener(notice)),
    ...more,
  };
  return wallet;
}
