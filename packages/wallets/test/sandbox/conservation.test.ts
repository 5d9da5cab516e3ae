import {
  createSandboxNetwork,
  type PaymentFault,
  type SandboxBooks,
  type SandboxNetwork,
} from '@satway/wallets/sandbox';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from './manual-clock.js';

const NAMES = ['ann', 'bob', 'cy'] as const;
type Name = (typeof NAMES)[number];

type Step =
  | {
      readonly do: 'pay';
      readonly payer: Name;
      readonly payee: Name;
      readonly amountMsat: number;
      readonly feeLimitMsat: number;
    }
  | { readonly do: 'fault'; readonly payer: Name; readonly fault: PaymentFault }
  | { readonly do: 'again'; readonly payer: Name; readonly which: number }
  | { readonly do: 'resolve'; readonly which: number; readonly as: 'settled' | 'failed' }
  | { readonly do: 'cancel'; readonly which: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'fee'; readonly baseMsat: number; readonly proportionalMillionths: number };

const name = fc.constantFrom(...NAMES);
const which = fc.nat(30);
const delayMs = fc.integer({ min: 1, max: 100_000 });
const fault: fc.Arbitrary<PaymentFault> = fc.oneof(
  fc.record({ kind: fc.constantFrom('slow', 'failedLate', 'held'), delayMs }),
  fc.record({ kind: fc.constantFrom('stuckThenSettled', 'held', 'replyLost', 'wrongPreimage', 'connectionCut') }),
);
const amountMsat = fc.integer({ min: 1, max: 600_000 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('pay'), payer: name, payee: name, amountMsat, feeLimitMsat: fc.nat(9000) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('fault'), payer: name, fault }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('again'), payer: name, which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('resolve'), which, as: fc.constantFrom('settled', 'failed') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel'), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait'), ms: fc.nat(120_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('fee'), baseMsat: fc.nat(2000), proportionalMillionths: fc.nat(20_000) }),
  },
);

/** What was issued so far, so that a later step can come back to it. */
interface Issued {
  readonly invoice: string;
  readonly hashHex: string;
  readonly payee: Name;
}

function take(network: SandboxNetwork, clock: ManualClock, issued: Issued[], move: Step): void {
  const { lightning } = network;
  const send = (payer: Name, invoice: string, feeLimitMsat: number) =>
    lightning.send(payer, { invoice, amountMsat: null, feeLimitMsat });
  if (move.do === 'pay') {
    const added = lightning.addInvoice(move.payee, {
      amountMsat: move.amountMsat,
      description: 'x',
      expirySeconds: 60,
    });
    if (added === null) return;
    issued.push({ invoice: added.invoice, hashHex: added.paymentHashHex, payee: move.payee });
    send(move.payer, added.invoice, move.feeLimitMsat);
    return;
  }
  if (move.do === 'fault') return network.addFault(move.payer, move.fault);
  if (move.do === 'wait') return clock.advance(move.ms);
  if (move.do === 'fee') return network.setRoutingFee(move);
  const earlier = issued[move.which % Math.max(1, issued.length)];
  if (earlier === undefined) return;
  if (move.do === 'again') send(move.payer, earlier.invoice, 10_000);
  if (move.do === 'resolve') network.resolve(earlier.hashHex, move.as);
  if (move.do === 'cancel') network.cancelInvoice(earlier.payee, earlier.hashHex);
}

function expectMoneyIsConserved(books: SandboxBooks): void {
  const held = books.nodes.reduce((sum, { balanceMsat, inFlightMsat }) => sum + balanceMsat + inFlightMsat, 0);
  expect(held + books.routingFeesMsat).toBe(books.fundedMsat);
  for (const { balanceMsat, inFlightMsat } of books.nodes) {
    expect(balanceMsat).toBeGreaterThanOrEqual(0);
    expect(inFlightMsat).toBeGreaterThanOrEqual(0);
  }
}

function expectEachInvoiceWasPaidOnce(books: SandboxBooks): void {
  const settled = books.nodes.flatMap(({ payments }) => payments.filter(({ state }) => state === 'SUCCEEDED'));
  const received = books.nodes.flatMap(({ invoices }) => invoices.filter(({ state }) => state === 'SETTLED'));
  expect(settled.map(({ paymentHashHex }) => paymentHashHex).sort()).toEqual(
    received.map(({ paymentHashHex }) => paymentHashHex).sort(),
  );
  for (const invoice of received) expect(invoice.amountReceivedMsat).toBe(invoice.amountMsat);
}

describe('whatever happens in the sandbox network', () => {
  it('money is neither made nor lost, and no invoice is paid twice', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const clock = createManualClock();
        const network = createSandboxNetwork({ clock });
        for (const node of NAMES) network.addNode(node, { balanceMsat: 1_000_000 });
        const issued: Issued[] = [];
        for (const move of steps) {
          take(network, clock, issued, move);
          expectMoneyIsConserved(network.books());
        }
        expectEachInvoiceWasPaidOnce(network.books());
        network.close();
      }),
      { numRuns: 60 },
    );
  });
});
