import type { InvoiceState, SettledNotice } from '../wallet.js';
import { asObject, hexOfBytes, integerOf, parseJsonObject, textOf } from '../rest/index.js';
import { type OpenInvoices, RetryPause } from '../settlements/index.js';
import { readLines } from './lines.js';
import type { LndRest } from './lnd-rest.js';

const MAX_LINE_BYTES = 256 * 1024;
const MAX_STREAM_BYTES = 1024 * 1024 * 1024;
/** An idle subscription sends nothing, so a dead connection looks like a quiet one: it is opened anew from time to time. */
const STREAM_DEADLINE_MS = 10 * 60_000;
/** After this a subscription that says nothing is taken to be there; its first line proves it. */
const SETTLED_IN_MS = 500;

/** What following needs of the issuer. */
export interface SettlementSource {
  readonly rest: LndRest;
  readonly open: OpenInvoices;
  lookUp(paymentHashHex: string): Promise<InvoiceState>;
}

type Listener = (notice: SettledNotice) => void;

/**
 * Follows the settlements of an LND until stopped.
 *
 * A broken subscription is opened again and replays what was settled since the last one that was seen. Where none was seen yet there is
 * nothing to replay from, and LND does not tell when a subscription begins: so the open invoices are looked up a moment after it was
 * opened and again at its first line. Each settlement is told at least once.
 *
 * @returns how to stop.
 */
export function followSettlements(source: SettlementSource, listener: Listener): () => void {
  const stop = new AbortController();
  const tell: Listener = (notice) => {
    source.open.remove(notice.paymentHashHex);
    if (!stop.signal.aborted) listener(notice);
  };
  void follow(source, tell, stop.signal);
  return () => stop.abort();
}

async function follow(source: SettlementSource, tell: Listener, signal: AbortSignal): Promise<void> {
  let settleIndex = 0;
  const pause = new RetryPause(signal);
  while (!signal.aborted) {
    const look = setTimeout(() => void lookUpOpen(source, tell), SETTLED_IN_MS);
    try {
      for await (const line of subscribe(source, tell, settleIndex, signal)) {
        pause.reset();
        settleIndex = Math.max(settleIndex, tellSettled(line, tell));
      }
    } catch {
      // Whatever broke it, the next one begins where this one ended.
    }
    clearTimeout(look);
    await pause.wait();
  }
}

async function* subscribe(
  source: SettlementSource,
  tell: Listener,
  settleIndex: number,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const response = await source.rest.open({
    method: 'GET',
    path: `/v1/invoices/subscribe?settle_index=${settleIndex}`,
    deadlineMs: STREAM_DEADLINE_MS,
    maxBodyBytes: MAX_STREAM_BYTES,
    signal,
  });
  if (response.status !== 200) return response.discard();
  void lookUpOpen(source, tell);
  yield* readLines(response.body, MAX_LINE_BYTES);
}

/** A look-up that fails is left out: the next line or the next subscription brings another. */
async function lookUpOpen(source: SettlementSource, tell: Listener): Promise<void> {
  for (const paymentHashHex of source.open.takeStock()) {
    const found = await source.lookUp(paymentHashHex).catch(() => null);
    if (found?.state === 'settled') tell({ paymentHashHex, amountReceivedMsat: found.amountReceivedMsat });
  }
}

/** Add events come on the same stream, with the preimage in them, and are passed over. @returns the settle index, 0 for other news. */
function tellSettled(line: string, tell: Listener): number {
  const invoice = asObject(parseJsonObject(line)?.['result']);
  if (invoice === null || textOf(invoice, 'state') !== 'SETTLED') return 0;
  const paymentHashHex = hexOfBytes(invoice, 'r_hash');
  const amountReceivedMsat = integerOf(invoice, 'amt_paid_msat') ?? -1;
  if (paymentHashHex !== null && amountReceivedMsat >= 0) tell({ paymentHashHex, amountReceivedMsat });
  return integerOf(invoice, 'settle_index') ?? 0;
}
