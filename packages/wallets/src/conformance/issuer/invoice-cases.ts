import { decodeInvoice } from '@satway/protocol';
import { type ConformanceCase, defineCase } from '../conformance-case.js';
import { must, mustEqual, mustRefuse } from '../promise.js';
import { createSmall, type IssuerSubject } from './issuer-subject.js';

/** 1023 words of 5 bits. */
const LONGEST_IN_BOLT11 = 639;

/** What stands in an invoice, and what no invoice may be made of. */
export const invoiceCases: readonly ConformanceCase<IssuerSubject>[] = [
  defineCase(
    'issues a signed invoice of its network with exactly the amount, description and expiry that were asked for',
    {},
    async (subject) => {
      const amountMsat = subject.traits?.wholeSatsOnly === true ? 2000 : 2345;
      const issued = await createSmall(subject, amountMsat, 90);
      const decoded = decodeInvoice(issued.invoice);
      must(decoded.ok, 'The invoice must be BOLT11, signed by its payee.');
      const { network, description, expirySeconds, paymentHashHex, expiresAtMs } = decoded.value;
      mustEqual(network, subject.network ?? subject.issuer.network, 'The network of the invoice');
      mustEqual(decoded.value.amountMsat, BigInt(amountMsat), 'The amount in the invoice, in msat,');
      mustEqual(description, 'one call', 'The description in the invoice');
      mustEqual(expirySeconds, 90, 'The expiry of the invoice, in seconds,');
      mustEqual(
        issued,
        { ...issued, paymentHashHex, amountMsat, expiresAtMs, createdAtMs: expiresAtMs - 90_000 },
        'What was told beside the invoice',
      );
    },
  ),

  defineCase('issues an amount that is not whole satoshis exactly, or refuses it', {}, async (subject) => {
    if (subject.traits?.wholeSatsOnly !== true) {
      const { invoice } = await createSmall(subject, 1500);
      const decoded = decodeInvoice(invoice);
      return mustEqual(decoded.ok && decoded.value.amountMsat, 1500n, 'The amount in the invoice, in msat,');
    }
    for (const amountMsat of [1500, 500]) {
      await mustRefuse(createSmall(subject, amountMsat), 'WALLET_REFUSED', `An invoice of ${amountMsat} msat`);
    }
  }),

  defineCase('keeps a long description whole, and refuses one that it cannot keep', {}, async (subject) => {
    const longest = subject.traits?.longestDescription ?? LONGEST_IN_BOLT11;
    const create = (length: number) =>
      subject.issuer.create({ amountMsat: 2000, description: 'd'.repeat(length), expirySeconds: 600 });
    const decoded = decodeInvoice((await create(longest)).invoice);
    mustEqual(decoded.ok && decoded.value.description, 'd'.repeat(longest), 'The description in the invoice');
    await mustRefuse(create(longest + 1), 'WALLET_REFUSED', 'A longer description');
  }),

  defineCase('knows its network after the first invoice', {}, async (subject) => {
    const { invoice } = await createSmall(subject);
    const decoded = decodeInvoice(invoice);
    mustEqual(
      subject.issuer.network,
      subject.network ?? (decoded.ok && decoded.value.network),
      'The network of the issuer',
    );
  }),

  defineCase('gives each invoice a payment hash of its own', {}, async (subject) => {
    const issued = await Promise.all([createSmall(subject), createSmall(subject), createSmall(subject)]);
    mustEqual(new Set(issued.map(({ paymentHashHex }) => paymentHashHex)).size, 3, 'The number of payment hashes');
  }),

  ...[0, -1, 1.5, Number.NaN, 2 ** 53].map((amountMsat) =>
    defineCase<IssuerSubject>(`refuses an amount of ${amountMsat} millisatoshis`, {}, (subject) =>
      mustRefuse(createSmall(subject, amountMsat), 'WALLET_REFUSED', 'That amount'),
    ),
  ),

  ...[0, -1, 0.5].map((expirySeconds) =>
    defineCase<IssuerSubject>(`refuses an expiry of ${expirySeconds} seconds`, {}, (subject) =>
      mustRefuse(createSmall(subject, 1000, expirySeconds), 'WALLET_REFUSED', 'That expiry'),
    ),
  ),
];
