import type { InvoiceState, ReceivingWallet } from '../wallet.js';

/** Where a hash was found, and by whom; `null` where more than one wallet knows it, or none. */
export interface FoundAnywhere {
  readonly state: InvoiceState;
  readonly by: ReceivingWallet | null;
}

/** An LNbits and the node below it both know a hash, and need not agree: what is furthest along is told. */
const RANK: Readonly<Record<InvoiceState['state'], number>> = { settled: 4, held: 3, open: 2, closed: 1, notFound: 0 };

/**
 * Asks all wallets for a hash of which nobody remembers who issued it, after a restart or on another replica. Settled at one is settled; any other answer
 * needs all of them.
 *
 * @throws what the first wallet threw that could not answer.
 */
export async function lookUpEverywhere(
  wallets: readonly ReceivingWallet[],
  paymentHashHex: string,
): Promise<FoundAnywhere> {
  const answers = await Promise.allSettled(wallets.map((wallet) => wallet.lookUp(paymentHashHex)));
  const found = answers.flatMap((answer, index) => {
    const by = wallets[index] ?? null;
    return answer.status === 'fulfilled' && answer.value.state !== 'notFound' ? [{ state: answer.value, by }] : [];
  });
  const [furthest] = found.sort((one, other) => RANK[other.state.state] - RANK[one.state.state]);
  const failed = answers.find((answer) => answer.status === 'rejected');
  if (failed !== undefined && furthest?.state.state !== 'settled') throw failed.reason;
  if (furthest === undefined) return { state: { state: 'notFound' }, by: null };
  return found.length === 1 ? furthest : { ...furthest, by: null };
}
