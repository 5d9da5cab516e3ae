import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { InvoicePayer } from '@satway/wallets';

const PROGRAM = fileURLToPath(new URL('../processes/buyer.mjs', import.meta.url));

/** What a buyer process is to do. */
export interface BuyerTask {
  readonly storePath: string;
  /** `obtains`: the call buys a credential and uses it not. */
  readonly calls: readonly { readonly url: string; readonly key?: string; readonly obtains?: boolean }[];
  readonly budgetSats: number;
  readonly maxPerRequestSats: number;
  /** With somebody who is asked, and says yes: then each step before the payment is written by itself. */
  readonly asksApproval?: boolean;
  /** All calls at the same time rather than one after the other. */
  readonly atOnce?: boolean;
  /** The number of the point at which it kills itself; none when left out. */
  readonly killAt?: number;
}

/** What a buyer process told before it ended. */
export interface BuyerEnd {
  readonly signal: string | null;
  /** The point at which it killed itself. */
  readonly dying: string | null;
  readonly results: readonly {
    ok: boolean;
    code?: string;
    status?: number;
    body?: string;
    payment?: { paidMsat: number } | null;
    token?: string;
    cost?: { paidMsat: number };
  }[];
  readonly report: Record<string, number> | null;
  readonly steps: number;
}

/** Runs a buyer in a process of its own; `payer` is its wallet and stays alive in this process, as a real wallet would. */
export async function runBuyer(task: BuyerTask, payer: InvoicePayer): Promise<BuyerEnd> {
  const { identity, network, refusesSecondPayment } = payer;
  const wallet = { identity, network, refusesSecondPayment, feeCeilingMsat: 0 };
  const child = fork(PROGRAM, { env: { ...process.env, SATWAY_TEST_BUYER: JSON.stringify({ ...task, wallet }) } });
  let end: Omit<BuyerEnd, 'signal'> = { dying: null, results: [], report: null, steps: 0 };
  child.on('message', (message: { id?: number; method?: string }) => {
    if (message.method === undefined) end = { ...end, ...message };
    else void answer(child, payer, message as WalletQuestion);
  });
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { ...end, signal };
}

interface WalletQuestion {
  readonly id: number;
  readonly method: 'pay' | 'lookUp' | 'balance';
  readonly args: readonly never[];
}

async function answer(child: ChildProcess, payer: InvoicePayer, { id, method, args }: WalletQuestion): Promise<void> {
  const ask = payer[method] as (...values: readonly never[]) => Promise<unknown>;
  const reply = await ask.apply(payer, [...args]).then(
    (result) => ({ id, result }),
    (error: unknown) => ({ id, error: String(error) }),
  );
  // The child may be dead by now; that is the point of the test.
  if (child.connected) child.send(reply, () => undefined);
}
