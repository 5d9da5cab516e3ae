import { parseJsonObject, textOf } from '../rest/index.js';
import { type OpenInvoices, RetryPause } from '../settlements/index.js';
import type { InvoiceState, SettledNotice } from '../wallet.js';
import type { PhoenixdApi } from './phoenixd-api.js';

const MAX_MESSAGE_BYTES = 64 * 1024;
/** After this the news of a payment that could not be looked up is looked up again, so many times. */
const RETRY_MS = 1_000;
const RETRIES = 10;
/** Hashes that wait for their look-up; what comes on top is found with the next connection. */
const MOST_WAITING = 2_000;

/** What following needs of the issuer. */
export interface SettlementSource {
  readonly api: PhoenixdApi;
  readonly open: OpenInvoices;
  lookUp(paymentHashHex: string): Promise<InvoiceState>;
}

type Listener = (notice: SettledNotice) => void;

/**
 * Follows the settlements of a phoenixd until stopped.
 *
 * Its WebSocket tells of each payment while one is connected, and nothing of what came before: so the open invoices are looked up after each connection, and
 * while none can be made. What it tells is looked up as well before it is told on, since it names what is left after fees, in whole satoshis.
 *
 * @returns how to stop.
 */
export function followSettlements(source: SettlementSource, listener: Listener): () => void {
  const follower = new SettlementFollower(source, listener);
  void follower.run();
  return () => follower.stop();
}

class SettlementFollower {
  readonly #source: SettlementSource;
  readonly #listener: Listener;
  readonly #stop = new AbortController();
  /** How often a look-up that fails is made again, by hash. */
  readonly #waiting = new Map<string, number>();
  #isLooking = false;

  constructor(source: SettlementSource, listener: Listener) {
    this.#source = source;
    this.#listener = listener;
  }

  stop(): void {
    this.#stop.abort();
  }

  async run(): Promise<void> {
    const { signal } = this.#stop;
    const pause = new RetryPause(signal);
    while (!signal.aborted) {
      if (await this.#followOnce()) pause.reset();
      await pause.wait();
    }
  }

  /** @returns whether there was a connection; once it is over. */
  async #followOnce(): Promise<boolean> {
    const { signal } = this.#stop;
    let tellClosed: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => (tellClosed = resolve));
    const events = { onText: (text: string) => this.#take(text), onClosed: () => tellClosed() };
    try {
      const socket = await this.#source.api.openSocket('/websocket', MAX_MESSAGE_BYTES, events);
      const leave = (): void => socket.close();
      signal.addEventListener('abort', leave);
      if (signal.aborted) leave();
      this.#lookUpOpen();
      await closed;
      signal.removeEventListener('abort', leave);
      return true;
    } catch {
      this.#lookUpOpen();
      return false;
    }
  }

  #take(text: string): void {
    const json = parseJsonObject(text);
    if (json === null || textOf(json, 'type') !== 'payment_received') return;
    const paymentHashHex = textOf(json, 'paymentHash') ?? '';
    if (/^[0-9a-f]{64}$/.test(paymentHashHex)) this.#lookUpSoon(paymentHashHex, RETRIES);
  }

  #lookUpOpen(): void {
    for (const paymentHashHex of this.#source.open.takeStock()) this.#lookUpSoon(paymentHashHex, 0);
  }

  #lookUpSoon(paymentHashHex: string, retries: number): void {
    if (this.#stop.signal.aborted || this.#waiting.size >= MOST_WAITING) return;
    this.#waiting.set(paymentHashHex, Math.max(retries, this.#waiting.get(paymentHashHex) ?? 0));
    void this.#work();
  }

  /** One look-up after the other, so that news cannot flood the daemon with questions. */
  async #work(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    for (const [paymentHashHex, retries] of this.#waiting) {
      this.#waiting.delete(paymentHashHex);
      if (this.#stop.signal.aborted) break;
      await this.#lookUpNow(paymentHashHex, retries);
    }
    this.#isLooking = false;
  }

  async #lookUpNow(paymentHashHex: string, retries: number): Promise<void> {
    const found = await this.#source.lookUp(paymentHashHex).catch(() => null);
    if (found?.state === 'settled') return this.#tell({ paymentHashHex, amountReceivedMsat: found.amountReceivedMsat });
    if (found !== null || retries === 0) return;
    setTimeout(() => this.#lookUpSoon(paymentHashHex, retries - 1), RETRY_MS).unref();
  }

  #tell(notice: SettledNotice): void {
    this.#source.open.remove(notice.paymentHashHex);
    if (!this.#stop.signal.aborted) this.#listener(notice);
  }
}
