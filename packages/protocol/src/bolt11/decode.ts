import { bytesToHex } from '../bytes/index.js';
import { ok, type Result, refuse } from '../result.js';
import { parseAmount } from './amount.js';
import { readBech32 } from './bech32.js';
import { checkFeatures } from './features.js';
import { type InvoiceFields, readFields } from './fields.js';
import { type DecodedInvoice, MAX_INVOICE_LENGTH, type ReadInvoice } from './invoice.js';
import { splitHumanPart } from './prefix.js';
import { invoiceDigest, SIGNATURE_BYTES, verifySigner } from './signature.js';
import { wordsToBytes, wordsToNumber } from './words.js';

const TIMESTAMP_WORDS = 7;
const SIGNATURE_WORDS = (SIGNATURE_BYTES * 8) / 5;

/** The three parts of a bech32 invoice, cut but not yet understood. */
interface InvoiceParts {
  readonly humanPart: string;
  /** Timestamp and fields: what the signature covers, besides the human-readable part. */
  readonly signedWords: Uint8Array;
  readonly signature: Uint8Array;
}

interface Reading {
  readonly parts: InvoiceParts;
  readonly fields: InvoiceFields;
  readonly invoice: ReadInvoice;
}

/**
 * Decodes a BOLT11 invoice and checks everything that can be checked without the network or a clock.
 *
 * @param text - the invoice alone, at most 7,089 characters, all lower or all upper case, without `lightning:`.
 * @returns the invoice, or `INVOICE_MALFORMED`, `INVOICE_NETWORK_UNKNOWN`, `INVOICE_AMOUNT_INVALID`, `INVOICE_SUB_MILLISATOSHI`,
 *   `INVOICE_FEATURE_UNKNOWN`, `INVOICE_PAYMENT_SECRET_MISSING` or `INVOICE_SIGNATURE_INVALID`. Bad input never throws.
 * @see BOLT 11. Stricter: a second `p`, `s`, `n`, `d`, `h`, `x`, `c`, `m` or `9` field is refused, and so is what no writer may write
 *   (an amount of 0 or with leading zeros, `d` and `h` both or neither, text that is not UTF-8, padding that is not zero).
 */
export function decodeInvoice(text: string): Result<DecodedInvoice> {
  const reading = readInvoice(text);
  if (!reading.ok) return reading;
  const { parts, fields, invoice } = reading.value;
  const digest = invoiceDigest(parts.humanPart, parts.signedWords);
  const payee = verifySigner(digest, parts.signature, fields.namedPayeeHex);
  return payee.ok ? ok({ ...invoice, payeeHex: payee.value }) : payee;
}

/**
 * Reads an invoice of one's own wallet: every check of `decodeInvoice` but the signature, whose recovery costs more than all
 * others together. Never for an invoice that somebody else sent.
 */
export function readOwnInvoice(text: string): Result<ReadInvoice> {
  const reading = readInvoice(text);
  return reading.ok ? ok(reading.value.invoice) : reading;
}

function readInvoice(text: string): Result<Reading> {
  const cut = cutInvoice(text);
  if (!cut.ok) return cut;
  const fields = readFields(cut.value.signedWords.subarray(TIMESTAMP_WORDS));
  if (!fields.ok) return fields;
  const invoice = assemble(cut.value, fields.value);
  return invoice.ok ? ok({ parts: cut.value, fields: fields.value, invoice: invoice.value }) : invoice;
}

function cutInvoice(text: string): Result<InvoiceParts> {
  if (text.length > MAX_INVOICE_LENGTH) return refuse('INVOICE_MALFORMED', 'It is longer than 7,089 characters.');
  const decoded = readBech32(text);
  if (decoded === null) return refuse('INVOICE_MALFORMED', 'It is not bech32 with a right checksum.');
  const { humanPart, words } = decoded;
  if (words.length < TIMESTAMP_WORDS + SIGNATURE_WORDS) return refuse('INVOICE_MALFORMED', 'It is too short.');
  const signature = wordsToBytes(words.subarray(-SIGNATURE_WORDS));
  if (signature === null) return refuse('INVOICE_MALFORMED', 'Its signature cannot be read.');
  return ok({ humanPart, signedWords: words.subarray(0, -SIGNATURE_WORDS), signature });
}

function assemble(parts: InvoiceParts, fields: InvoiceFields): Result<ReadInvoice> {
  const human = splitHumanPart(parts.humanPart);
  if (human === null) return refuse('INVOICE_NETWORK_UNKNOWN', 'Known are lnbc, lntb, lntbs and lnbcrt.');
  const amount = parseAmount(human.amountText);
  if (!amount.ok) return amount;
  const required = checkRequired(fields);
  if (!required.ok) return required;
  const timestampSeconds = wordsToNumber(parts.signedWords.subarray(0, TIMESTAMP_WORDS), 2 ** 35) ?? 0;
  // Field by field: copying an object without one of its keys costs more than all other steps together.
  return ok({
    network: human.network,
    prefix: human.prefix,
    amountMsat: amount.value,
    paymentHashHex: required.value.paymentHashHex,
    paymentSecretHex: required.value.paymentSecretHex,
    timestampSeconds,
    expirySeconds: fields.expirySeconds,
    description: fields.description,
    descriptionHashHex: fields.descriptionHashHex,
    minFinalCltvExpiryDelta: fields.minFinalCltvExpiryDelta,
    features: fields.features,
    metadataHex: fields.metadataHex,
    routeHints: fields.routeHints,
    fallbackAddresses: fields.fallbackAddresses,
    expiresAtMs: (timestampSeconds + fields.expirySeconds) * 1000,
    signatureHex: bytesToHex(parts.signature.subarray(0, 64)),
  });
}

/** Features first: what they demand decides whether the rest can be understood at all. */
function checkRequired(fields: InvoiceFields): Result<{ paymentHashHex: string; paymentSecretHex: string }> {
  const features = checkFeatures(fields.features);
  if (!features.ok) return features;
  const { paymentHashHex, paymentSecretHex } = fields;
  if (paymentHashHex === null) return refuse('INVOICE_MALFORMED', 'It has no payment hash.');
  if (paymentSecretHex === null) return refuse('INVOICE_PAYMENT_SECRET_MISSING', 'It has no field s of 52 words.');
  if ((fields.description === null) === (fields.descriptionHashHex === null)) {
    return refuse('INVOICE_MALFORMED', 'It must have either a description or the hash of one.');
  }
  return ok({ paymentHashHex, paymentSecretHex });
}
