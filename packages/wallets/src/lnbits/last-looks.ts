import type { InvoiceState } from '../wallet.js';

/** Invoices that are watched at a time; the oldest go first. */
const MOST = 10_000;
/** Look-ups at a time: LNbits may take half a minute for one that its node holds, and counts calls by the minute. */
const MOST_AT_ONCE = 4;
/** So long before its end an invoice is looked up, or a quarter of its time where that is less. */
const FIRST_LOOK_MS = 120_000;
/** And once more so long before its end, or an eighth of its time. Room for what the two clocks measure differently. */
const LAST_LOOK_MS = 10_000;
/** After a look-up that failed. */
const RETRY_MS = 5_000;
const LEAST_PAUSE_MS = 100;

interface Watched {
  readonly endsAtMs: number;
  readonly lastLookAtMs: number;
  dueAtMs: number;
  isAsked: boolean;
}

/**
 * Looks up every invoice shortly before it expires. LNbits credits a payment that it did not hear of when it is asked for the invoice; when it is asked for the first
 * time after the expiry, it writes the invoice off for good, and the money stays with its node. So nothing is ever asked here once an invoice has expired.
 *
 * Time is counted from when the invoice was made, by a clock of ours: that of LNbits may be off by hours.
 */
export class LastLooks {
  readonly #lookUp: (paymentHashHex: string) => Promise<InvoiceState>;
  readonly #watched = new Map<string, Watched>();
  #asking = 0;
  #timer: NodeJS.Timeout | null = null;
  #timerAtMs = Number.POSITIVE_INFINITY;
  #isClosed = false;

  constructor(lookUp: (paymentHashHex: string) => Promise<InvoiceState>) {
    this.#lookUp = lookUp;
  }

  /** @param lastsMs - how long the new invoice can be paid. */
  add(paymentHashHex: string, lastsMs: number): void {
    if (this.#isClosed) return;
    const endsAtMs = performance.now() + lastsMs;
    const dueAtMs = endsAtMs - Math.min(FIRST_LOOK_MS, lastsMs / 4);
    const lastLookAtMs = endsAtMs - Math.min(LAST_LOOK_MS, lastsMs / 8);
    this.#watched.set(paymentHashHex, { endsAtMs, dueAtMs, lastLookAtMs, isAsked: false });
    if (this.#watched.size > MOST) this.#forgetOldest();
    if (dueAtMs < this.#timerAtMs) this.#setTimer(dueAtMs);
  }

  /** Whether it is watched already. */
  has(paymentHashHex: string): boolean {
    return this.#watched.has(paymentHashHex);
  }

  /** It is known to be settled or closed: nothing is left to ask. */
  remove(paymentHashHex: string): void {
    this.#watched.delete(paymentHashHex);
  }

  close(): void {
    this.#isClosed = true;
    this.#watched.clear();
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #forgetOldest(): void {
    const [oldest] = this.#watched.keys();
    if (oldest !== undefined) this.#watched.delete(oldest);
  }

  /** For the next that is due, not too often; it holds no process open. */
  #setTimer(nextAtMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#timerAtMs = nextAtMs;
    if (this.#isClosed || nextAtMs === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => this.#askDue(), Math.max(LEAST_PAUSE_MS, nextAtMs - performance.now()));
    this.#timer.unref();
  }

  #askDue(): void {
    const nowMs = performance.now();
    const due: [string, Watched][] = [];
    let nextAtMs = Number.POSITIVE_INFINITY;
    for (const [hash, watched] of this.#watched) {
      if (watched.endsAtMs <= nowMs) this.#watched.delete(hash);
      else if (watched.isAsked) continue;
      else if (watched.dueAtMs <= nowMs) due.push([hash, watched]);
      else nextAtMs = Math.min(nextAtMs, watched.dueAtMs);
    }
    due.sort(([, one], [, other]) => one.endsAtMs - other.endsAtMs);
    const now = due.slice(0, MOST_AT_ONCE - this.#asking);
    // Those for which there is no room yet are taken when one of these has its answer.
    for (const [hash, watched] of now) void this.#ask(hash, watched);
    this.#setTimer(nextAtMs);
  }

  async #ask(paymentHashHex: string, watched: Watched): Promise<void> {
    watched.isAsked = true;
    this.#asking += 1;
    const found = await this.#lookUp(paymentHashHex).catch(() => null);
    this.#asking -= 1;
    watched.isAsked = false;
    this.#goOn(paymentHashHex, watched, found?.state ?? null);
    this.#setTimer(Math.min(this.#timerAtMs, performance.now()));
  }

  /** One that is open or held is asked for once more at the end; one that could not be asked for, soon. */
  #goOn(paymentHashHex: string, watched: Watched, state: InvoiceState['state'] | null): void {
    const nowMs = performance.now();
    if (state === null) watched.dueAtMs = nowMs + Math.min(RETRY_MS, (watched.endsAtMs - nowMs) / 2);
    else if ((state === 'open' || state === 'held') && watched.dueAtMs < watched.lastLookAtMs)
      watched.dueAtMs = watched.lastLookAtMs;
    else this.#watched.delete(paymentHashHex);
  }
}
