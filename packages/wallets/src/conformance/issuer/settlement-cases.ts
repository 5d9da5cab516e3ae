import type { InvoiceState, SettledNotice } from '../../wallet.js';
import { type ConformanceCase, defineCase } from '../conformance-case.js';
import { must, mustEqual } from '../promise.js';
import { askUntil, letTimePass } from '../waiting.js';
import { createSmall, type IssuerSubject } from './issuer-subject.js';

const UNKNOWN_HASH = '5a'.repeat(32);
/** Clocks of other machines differ. */
const CLOCK_SLACK_MS = 600_000;
const NOTICE_WITHIN_MS = 20_000;

/** Looks an invoice up until it stands there, for as long as the wallet may need. */
function lookUpUntil(
  { issuer }: IssuerSubject,
  paymentHashHex: string,
  state: InvoiceState['state'],
  withinMs = 0,
): Promise<InvoiceState> {
  return askUntil(
    () => issuer.lookUp(paymentHashHex),
    (found) => found.state === state,
    withinMs,
  );
}

/** The counterpart of whoever runs a case that needs one. */
async function payFor({ pay }: IssuerSubject, invoice: string): Promise<void> {
  must(pay !== undefined, 'This case needs somebody who pays.');
  await pay(invoice);
}

/** Where an invoice stands, from its first moment to its end. */
export const settlementCases: readonly ConformanceCase<IssuerSubject>[] = [
  defineCase('reports a new invoice open, with its expiry and without its preimage', {}, async (subject) => {
    const issued = await createSmall(subject);
    const found = await subject.issuer.lookUp(issued.paymentHashHex);
    mustEqual(found, { state: 'open', expiresAtMs: issued.expiresAtMs }, 'What is told of it');
    must(!/preimage/i.test(JSON.stringify(issued)), 'No preimage may come with the new invoice.');
  }),

  defineCase(
    'reports an invoice open until it is paid, and then settled with the amount that came in',
    { needs: ['counterpart'], sendsMsat: [3000] },
    async (subject) => {
      const issued = await createSmall(subject, 3000);
      const before = await subject.issuer.lookUp(issued.paymentHashHex);
      mustEqual(before, { state: 'open', expiresAtMs: issued.expiresAtMs }, 'What is told of it before');
      await payFor(subject, issued.invoice);
      const withinMs = subject.traits?.settlementShowsWithinMs;
      const settled = await lookUpUntil(subject, issued.paymentHashHex, 'settled', withinMs);
      must(settled.state === 'settled', `A paid invoice must be settled, and is ${settled.state}.`);
      mustEqual(settled.amountReceivedMsat, 3000, 'The amount received, in msat,');
      const late = Math.abs((settled.settledAtMs ?? issued.createdAtMs) - issued.createdAtMs);
      must(late < CLOCK_SLACK_MS, 'The time of settlement must be that of the payment.');
    },
  ),

  defineCase('never shows a preimage', { needs: ['counterpart'], sendsMsat: [2000] }, async (subject) => {
    const issued = await createSmall(subject);
    const told: unknown[] = [issued, await subject.issuer.lookUp(issued.paymentHashHex)];
    await payFor(subject, issued.invoice);
    told.push(await subject.issuer.lookUp(issued.paymentHashHex));
    must(!/preimage/i.test(JSON.stringify(told)), 'No answer may carry a preimage.');
  }),

  defineCase('does not know a hash that it never issued', {}, async ({ issuer }) => {
    mustEqual(await issuer.lookUp(UNKNOWN_HASH), { state: 'notFound' }, 'What is told of it');
  }),

  defineCase('reports an invoice closed once it has expired unpaid', {}, async (subject) => {
    const issued = await createSmall(subject, 1000, 1);
    await letTimePass(subject, 2500);
    const withinMs = subject.traits?.closedShowsWithinMs;
    const found = await lookUpUntil(subject, issued.paymentHashHex, 'closed', withinMs);
    mustEqual(found, { state: 'closed' }, 'What is told of it');
  }),

  defineCase('reports a cancelled invoice closed', { needs: ['cancel'] }, async (subject) => {
    const issued = await createSmall(subject);
    must(subject.cancel !== undefined, 'This case needs somebody who cancels.');
    await subject.cancel(issued.paymentHashHex);
    mustEqual(await subject.issuer.lookUp(issued.paymentHashHex), { state: 'closed' }, 'What is told of it');
  }),

  defineCase(
    'calls back when an invoice is settled, and not after it was told to stop',
    { needs: ['counterpart', 'onSettled'], sendsMsat: [2000, 2000] },
    async (subject) => {
      const issued = await createSmall(subject, 2000);
      const { notices, stop } = listen(subject);
      await payFor(subject, issued.invoice);
      const isIt = ({ paymentHashHex }: SettledNotice): boolean => paymentHashHex === issued.paymentHashHex;
      const heard = await askUntil(async () => notices.find(isIt), Boolean, NOTICE_WITHIN_MS);
      stop();
      mustEqual(heard, { paymentHashHex: issued.paymentHashHex, amountReceivedMsat: 2000 }, 'The notice');
      const count = notices.length;
      await payFor(subject, (await createSmall(subject)).invoice);
      mustEqual(notices.length, count, 'The number of notices after the stop');
    },
  ),
];

function listen({ issuer }: IssuerSubject): { notices: SettledNotice[]; stop: () => void } {
  must(issuer.onSettled !== undefined, 'This case needs a wallet that calls back.');
  const notices: SettledNotice[] = [];
  const stop = issuer.onSettled((notice) => void notices.push(notice));
  return { notices, stop };
}

/** What an issuer says of money that is held. */
export const heldInvoiceCases: readonly ConformanceCase<IssuerSubject>[] = [
  defineCase(
    'reports the invoice held, past its expiry too',
    { needs: ['hold'], sendsMsat: [2000] },
    async (subject) => {
      const issued = await createSmall(subject, 2000, 60);
      must(subject.payAndHold !== undefined, 'This case needs a payment that can be held.');
      await subject.payAndHold(issued.invoice);
      mustEqual(await subject.issuer.lookUp(issued.paymentHashHex), { state: 'held' }, 'What is told of it');
      await letTimePass(subject, 90_000);
      mustEqual(await subject.issuer.lookUp(issued.paymentHashHex), { state: 'held' }, 'What is told of it later');
    },
  ),
];
