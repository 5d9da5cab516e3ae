import { SatwayError } from '@satway/base';
import type { InvoiceRecord, NodeRecord, PaymentRecord, SandboxFailureReason, SandboxLedger } from '../ledger/index.js';
import { type CheckedPayment, checkPayment, feeFor, findRouteFailure } from './check-payment.js';
import type { SandboxClock } from './clock.js';
import { fateOf, type PaymentFate, type PaymentFault } from './fault.js';
import { Listeners } from './listeners.js';
import { type InvoiceToAdd, invoiceAsOf, signInvoice } from './new-invoice.js';
import { newPrivateKeyHex } from './node-keys.js';
import type { PaymentToSend, RoutingFee, SendRefusal, SendStart } from './payment-request.js';

/** What the network needs from outside. */
export interface LightningParts {
  readonly ledger: SandboxLedger;
  readonly clock: SandboxClock;
  readonly randomBytes: (length: number) => Uint8Array;
  readonly paymentDelayMs: number;
}

/** The account in the books that earns the routing fees; no node that anybody can use. */
export const ROUTING_ACCOUNT = '(routing)';

/**
 * The network itself: who owes whom, one step at a time. Every public method is one atomic step, on disk before it returns.
 *
 * Money is only ever moved, never made: the balances and what is in flight add up to what was funded.
 */
export class SandboxLightning {
  readonly #parts: LightningParts;
  readonly #faults = new Map<string, PaymentFault[]>();
  readonly #timers = new Map<string, () => void>();
  readonly invoiceNews = new Listeners<InvoiceRecord>();
  readonly paymentNews = new Listeners<PaymentRecord>();
  routingFee: RoutingFee = { baseMsat: 0, proportionalMillionths: 0 };

  constructor(parts: LightningParts) {
    this.#parts = parts;
    if (parts.ledger.findNode(ROUTING_ACCOUNT) === null) this.#insertNode(ROUTING_ACCOUNT);
    for (const payment of parts.ledger.listInFlight()) this.#arm(payment);
  }

  get now(): number {
    return this.#parts.clock.now();
  }

  close(): void {
    for (const stop of this.#timers.values()) stop();
    this.#timers.clear();
    this.#parts.ledger.close();
  }

  addNode(name: string): NodeRecord {
    return this.#parts.ledger.findNode(name) ?? this.#insertNode(name);
  }

  #insertNode(name: string): NodeRecord {
    const { ledger, randomBytes } = this.#parts;
    ledger.atomically(() => ledger.addNode(name, newPrivateKeyHex(randomBytes)));
    return this.node(name);
  }

  /** @throws {SatwayError} `SANDBOX_NODE_UNKNOWN`. */
  node(name: string): NodeRecord {
    const node = this.#parts.ledger.findNode(name);
    if (node === null) throw new SatwayError('SANDBOX_NODE_UNKNOWN', { detail: `There is no node ${name}.` });
    return node;
  }

  nodes(): NodeRecord[] {
    return this.#parts.ledger.listNodes().filter(({ name }) => name !== ROUTING_ACCOUNT);
  }

  fund(name: string, amountMsat: number): void {
    const { ledger } = this.#parts;
    const { balanceMsat } = this.node(name);
    if (!Number.isSafeInteger(amountMsat) || amountMsat < 0 || !Number.isSafeInteger(balanceMsat + amountMsat)) {
      throw new SatwayError('SANDBOX_AMOUNT_INVALID', { detail: 'Millisatoshis are whole numbers from 0.' });
    }
    ledger.atomically(() => ledger.fund(name, amountMsat));
  }

  /** The fault meets the next payment of this node for which money leaves; several wait in line. */
  addFault(payer: string, fault: PaymentFault): void {
    const { name } = this.node(payer);
    this.#faults.set(name, [...(this.#faults.get(name) ?? []), fault]);
  }

  /** @returns the invoice, or `null` when its hash is taken. */
  addInvoice(nodeName: string, wanted: InvoiceToAdd): InvoiceRecord | null {
    const { ledger, randomBytes } = this.#parts;
    const node = this.node(nodeName);
    const preimageHex = wanted.preimageHex ?? Buffer.from(randomBytes(32)).toString('hex');
    const paymentSecretHex = Buffer.from(randomBytes(32)).toString('hex');
    const record = signInvoice(node, wanted, { preimageHex, paymentSecretHex }, this.now);
    const written = ledger.atomically(() => {
      if (ledger.findInvoice(record.paymentHashHex) !== null) return null;
      const numbered = { ...record, addIndex: ledger.nextNumber(`add:${nodeName}`) };
      ledger.addInvoice(numbered);
      return numbered;
    });
    if (written !== null) this.invoiceNews.tell(written);
    return written;
  }

  /** An open invoice past its expiry reads `CANCELED`, as a real node reports it. */
  findInvoice(nodeName: string, paymentHashHex: string): InvoiceRecord | null {
    const record = this.#parts.ledger.findInvoice(paymentHashHex);
    return record === null || record.node !== nodeName ? null : invoiceAsOf(record, this.now);
  }

  listInvoices(nodeName: string): InvoiceRecord[] {
    return this.#parts.ledger.listInvoices(nodeName).map((record) => invoiceAsOf(record, this.now));
  }

  settledSince(nodeName: string, settleIndex: number): InvoiceRecord[] {
    return this.#parts.ledger.settledSince(nodeName, settleIndex);
  }

  addedSince(nodeName: string, addIndex: number): InvoiceRecord[] {
    return this.#parts.ledger.addedSince(nodeName, addIndex).map((record) => invoiceAsOf(record, this.now));
  }

  findPayment(nodeName: string, paymentHashHex: string): PaymentRecord | null {
    return this.#parts.ledger.findPayment(nodeName, paymentHashHex);
  }

  listPayments(nodeName: string): PaymentRecord[] {
    return this.#parts.ledger.listPayments(nodeName);
  }

  /**
   * Begins a payment; unless a fault says otherwise it is also settled when this returns.
   *
   * The expiry is looked at before the hash, as LND does: a paid invoice that has expired is refused as expired.
   */
  send(nodeName: string, request: PaymentToSend): SendStart {
    const node = this.node(nodeName);
    const checked = checkPayment(this.#parts.ledger, node, request, this.now);
    if ('kind' in checked) return { ok: false, refusal: checked };
    const { ledger, clock } = this.#parts;
    const started = ledger.atomically(() => this.#start(node, request, checked));
    if ('kind' in started) return { ok: false, refusal: started };
    const { payment, fate } = started;
    this.paymentNews.tell(payment);
    if (payment.state === 'IN_FLIGHT') {
      if (fate.heldByPayee) this.#tellInvoice(payment.paymentHashHex);
      if (payment.dueAtMs !== null && payment.dueAtMs <= clock.now()) this.resolve(payment.paymentHashHex);
      else this.#arm(payment);
    }
    return { ok: true, payment, reply: fate.reply };
  }

  #start(
    node: NodeRecord,
    request: PaymentToSend,
    checked: CheckedPayment,
  ): SendRefusal | { readonly payment: PaymentRecord; readonly fate: PaymentFate } {
    const { ledger } = this.#parts;
    const { paymentHashHex } = checked.decoded;
    const earlier = ledger.findPayment(node.name, paymentHashHex);
    if (earlier?.state === 'SUCCEEDED') return { kind: 'alreadyPaid' };
    if (earlier?.state === 'IN_FLIGHT') return { kind: 'inTransition' };
    const feeMsat = feeFor(checked.amountMsat, this.routingFee);
    const fee = { feeMsat, feeLimitMsat: request.feeLimitMsat };
    const failure = findRouteFailure(ledger, node, checked, fee, this.now);
    const fate = fateOf(failure === null ? this.#takeFault(node.name) : null, this.#parts.paymentDelayMs);
    const payment = this.#newPayment(node, request.invoice, checked, feeMsat, fate, failure);
    ledger.putPayment(payment);
    if (failure === null) this.#lockMoney(payment, fate);
    return { payment, fate };
  }

  #lockMoney(payment: PaymentRecord, fate: PaymentFate): void {
    const { ledger, clock } = this.#parts;
    ledger.addToBalance(payment.node, -(payment.amountMsat + payment.feeMsat));
    if (fate.heldByPayee) ledger.acceptInvoice(payment.paymentHashHex, payment.amountMsat, clock.now());
  }

  #newPayment(
    node: NodeRecord,
    invoice: string,
    { decoded, amountMsat }: CheckedPayment,
    feeMsat: number,
    fate: PaymentFate,
    failure: SandboxFailureReason | null,
  ): PaymentRecord {
    const nowMs = this.now;
    return {
      node: node.name,
      paymentHashHex: decoded.paymentHashHex,
      paymentIndex: this.#parts.ledger.nextNumber(`payment:${node.name}`),
      invoice,
      payeeHex: decoded.payeeHex,
      paymentSecretHex: decoded.paymentSecretHex,
      amountMsat,
      feeMsat: failure === null ? feeMsat : 0,
      state: failure === null ? 'IN_FLIGHT' : 'FAILED',
      failureReason: failure ?? 'FAILURE_REASON_NONE',
      preimageHex: null,
      createdAtMs: nowMs,
      resolvedAtMs: failure === null ? null : nowMs,
      sent: failure === null,
      dueAtMs: failure === null && fate.afterMs !== null ? nowMs + fate.afterMs : null,
      endsAs: fate.ends,
    };
  }

  #takeFault(nodeName: string): PaymentFault | null {
    const [first, ...rest] = this.#faults.get(nodeName) ?? [];
    this.#faults.set(nodeName, rest);
    return first ?? null;
  }

  /**
   * Ends a payment that is in flight: as its fault says, or as told. Does nothing where none is.
   *
   * Money that reaches a payee only now finds the invoice as it is now: expired or cancelled means failed. What a payee held can settle later.
   */
  resolve(paymentHashHex: string, as?: 'SUCCEEDED' | 'FAILED'): PaymentRecord | null {
    const { ledger } = this.#parts;
    const resolved = ledger.atomically(() => this.#resolve(paymentHashHex, as));
    if (resolved === null) return null;
    this.#timers.get(paymentHashHex)?.();
    this.#timers.delete(paymentHashHex);
    this.#tellInvoice(paymentHashHex);
    const payment = ledger.findPayment(resolved, paymentHashHex);
    if (payment !== null) this.paymentNews.tell(payment);
    return payment;
  }

  #resolve(paymentHashHex: string, as: 'SUCCEEDED' | 'FAILED' | undefined): string | null {
    const { ledger } = this.#parts;
    const payment = ledger.findInFlight(paymentHashHex);
    const invoice = ledger.findInvoice(paymentHashHex);
    if (payment === null || invoice === null) return null;
    const { state } = invoiceAsOf(invoice, this.now);
    const canSettle = state === 'OPEN' || state === 'ACCEPTED';
    if ((as ?? payment.endsAs) === 'SUCCEEDED' && canSettle) this.#settle(payment, invoice);
    else this.#giveBack(payment, invoice);
    return payment.node;
  }

  #settle(payment: PaymentRecord, invoice: InvoiceRecord): void {
    const { ledger } = this.#parts;
    const { paymentHashHex, amountMsat, feeMsat } = payment;
    ledger.addToBalance(invoice.node, amountMsat);
    ledger.addToBalance(ROUTING_ACCOUNT, feeMsat);
    ledger.settleInvoice(paymentHashHex, ledger.nextNumber(`settle:${invoice.node}`), amountMsat, this.now);
    ledger.resolvePayment(payment, 'SUCCEEDED', invoice.preimageHex, 'FAILURE_REASON_NONE', this.now);
  }

  #giveBack(payment: PaymentRecord, invoice: InvoiceRecord): void {
    const { ledger } = this.#parts;
    ledger.addToBalance(payment.node, payment.amountMsat + payment.feeMsat);
    if (invoice.state === 'ACCEPTED') ledger.cancelInvoice(payment.paymentHashHex);
    ledger.resolvePayment(payment, 'FAILED', null, 'FAILURE_REASON_INCORRECT_PAYMENT_DETAILS', this.now);
  }

  /** Cancels an invoice that is not settled; money that is held for it goes back. @returns whether it was cancelled. */
  cancelInvoice(nodeName: string, paymentHashHex: string): boolean {
    const invoice = this.findInvoice(nodeName, paymentHashHex);
    if (invoice === null || invoice.state === 'SETTLED') return false;
    if (invoice.state === 'ACCEPTED') this.resolve(paymentHashHex, 'FAILED');
    else this.#parts.ledger.atomically(() => this.#parts.ledger.cancelInvoice(paymentHashHex));
    this.#tellInvoice(paymentHashHex);
    return true;
  }

  #tellInvoice(paymentHashHex: string): void {
    const invoice = this.#parts.ledger.findInvoice(paymentHashHex);
    if (invoice !== null) this.invoiceNews.tell(invoice);
  }

  #arm(payment: PaymentRecord): void {
    if (payment.dueAtMs === null) return;
    const { clock } = this.#parts;
    const stop = clock.after(
      Math.max(0, payment.dueAtMs - clock.now()),
      () => void this.resolve(payment.paymentHashHex),
    );
    this.#timers.set(payment.paymentHashHex, stop);
  }
}
