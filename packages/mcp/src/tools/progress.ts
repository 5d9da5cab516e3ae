import type { ServerContext } from '@modelcontextprotocol/server';
import type { Call, CallStep } from '../calls/index.js';
import { formatSats } from '../output/index.js';

const ORDER: readonly CallStep[] = ['asking', 'priced', 'waiting', 'paying', 'reading', 'ended'];

/** Tells how far a call is to a client that asked for it. Returns how to stop. */
export function tellProgress(call: Call, { mcpReq }: ServerContext): () => void {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return () => undefined;
  return call.onStep((step) => {
    const progress = ORDER.indexOf(step);
    const params = { progressToken, progress, total: ORDER.length - 1, message: describeStep(call, step) };
    // A client that has left is told nothing.
    mcpReq.notify({ method: 'notifications/progress', params }).catch(() => undefined);
  });
}

function describeStep({ quoted }: Call, step: CallStep): string {
  const price = quoted === null ? '' : ` (${formatSats(quoted.amountMsat)})`;
  const words: Readonly<Record<CallStep, string>> = {
    asking: 'asking the seller',
    priced: `the seller named a price${price}`,
    waiting: `waiting for a person to allow the payment${price}`,
    paying: `paying${price}`,
    reading: 'reading the answer',
    ended: 'done',
  };
  return words[step];
}
