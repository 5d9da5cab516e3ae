import { secp256k1 } from '@noble/curves/secp256k1.js';
import { bech32 } from '@scure/base';
import type { BitcoinNetwork } from '../network.js';
import { formatAmount } from './amount.js';
import {
  encodableBytes,
  encodableFallback,
  encodableFeatures,
  encodableHops,
  encodableKey,
  encodableNumber,
  notEncodable,
} from './encodable.js';
import { DEFAULT_FEATURES, writeFeatures } from './features.js';
import { FIELD_TYPE, type FieldLetter, MAX_CLTV_DELTA, MAX_EXPIRY_SECONDS } from './fields.js';
import { type FallbackAddress, MAX_INVOICE_LENGTH, type RouteHop } from './invoice.js';
import { PREFIX_BY_NETWORK } from './prefix.js';
import { writeRouteHint } from './route-hints.js';
import { invoiceDigest, signInvoice } from './signature.js';
import { bytesToWords, numberToWords } from './words.js';

/** What an encoder writes. Hex is of any case; what is left out is not written, except the features, which have a default. */
export interface InvoiceToEncode {
  readonly network: BitcoinNetwork;
  /** `null`: the payer chooses. */
  readonly amountMsat: bigint | null;
  readonly timestampSeconds: number;
  readonly paymentHashHex: string;
  readonly paymentSecretHex: string;
  /** Exactly one of description and hash of it; at most 639 bytes of UTF-8. */
  readonly description?: string;
  readonly descriptionHashHex?: string;
  /** 1 hour for readers where left out. */
  readonly expirySeconds?: number;
  /** 18 blocks for readers where left out. */
  readonly minFinalCltvExpiryDelta?: number;
  /** Feature bits; 9, 14 and 17 where left out. */
  readonly features?: Iterable<number>;
  readonly metadataHex?: string;
  readonly routeHints?: readonly (readonly RouteHop[])[];
  readonly fallbackAddresses?: readonly FallbackAddress[];
  /** Writes the signer's public key as field `n`. */
  readonly namePayee?: boolean;
  /** The order of the fields, by their letters; those not named follow in the usual order. */
  readonly fieldOrder?: readonly FieldLetter[];
}

const USUAL_ORDER: readonly FieldLetter[] = ['p', 's', 'd', 'h', 'm', 'x', 'c', 'n', 'f', 'r', '9'];
const MAX_FIELD_WORDS = 1023;

/**
 * Writes and signs an invoice; equal input gives equal text (RFC 6979), with a low-S signature.
 *
 * @param privateKey - 32 bytes, the payee's node key.
 * @throws {SatwayError} `INVOICE_NOT_ENCODABLE` for what BOLT 11 cannot carry. Funds moved: no.
 */
export function encodeInvoice(invoice: InvoiceToEncode, privateKey: Uint8Array): string {
  const amount = formatAmount(invoice.amountMsat);
  if (amount === null) throw notEncodable('the amount is not between 1 msat and 21 million bitcoin');
  if ((invoice.description === undefined) === (invoice.descriptionHashHex === undefined)) {
    throw notEncodable('give either a description or its hash');
  }
  encodableKey(privateKey);
  const humanPart = `${PREFIX_BY_NETWORK[invoice.network]}${amount}`;
  const words = [...timestampWords(invoice.timestampSeconds), ...fieldWords(invoice, privateKey)];
  const signature = signInvoice(invoiceDigest(humanPart, Uint8Array.from(words)), privateKey);
  const text = bech32.encode(humanPart, [...words, ...bytesToWords(signature)], false);
  if (text.length > MAX_INVOICE_LENGTH) throw notEncodable('the invoice would be longer than 7,089 characters');
  return text;
}

function timestampWords(timestampSeconds: number): number[] {
  return numberToWords(encodableNumber(timestampSeconds, 2 ** 35 - 1, 'the timestamp'), 7);
}

function fieldWords(invoice: InvoiceToEncode, privateKey: Uint8Array): number[] {
  const order = new Set([...(invoice.fieldOrder ?? []), ...USUAL_ORDER]);
  return [...order].flatMap((letter) => contents(invoice, letter, privateKey).flatMap((words) => field(letter, words)));
}

function field(letter: FieldLetter, words: readonly number[]): number[] {
  if (words.length > MAX_FIELD_WORDS) throw notEncodable(`the field ${letter} is too long`);
  return [FIELD_TYPE[letter], Math.floor(words.length / 32), words.length % 32, ...words];
}

/** The contents of all fields with this letter, in words. */
function contents(invoice: InvoiceToEncode, letter: FieldLetter, privateKey: Uint8Array): number[][] {
  switch (letter) {
    case 'p':
      return [hexWords(invoice.paymentHashHex, 32, 'the payment hash')];
    case 's':
      return [hexWords(invoice.paymentSecretHex, 32, 'the payment secret')];
    case 'n':
      return invoice.namePayee === true ? [bytesToWords(secp256k1.getPublicKey(privateKey))] : [];
    case 'r':
      return (invoice.routeHints ?? []).map((hops) => bytesToWords(writeRouteHint(encodableHops(hops))));
    case 'f':
      return (invoice.fallbackAddresses ?? []).map(encodableFallback);
    case '9':
      return [writeFeatures(encodableFeatures(invoice.features ?? DEFAULT_FEATURES))].filter(
        (words) => words.length > 0,
      );
    default:
      return optionalContents(invoice, letter);
  }
}

function optionalContents(invoice: InvoiceToEncode, letter: 'd' | 'h' | 'm' | 'x' | 'c'): number[][] {
  const { description, descriptionHashHex, metadataHex, expirySeconds, minFinalCltvExpiryDelta } = invoice;
  if (letter === 'd') return present(description, (text) => bytesToWords(new TextEncoder().encode(text)));
  if (letter === 'h') return present(descriptionHashHex, (hex) => hexWords(hex, 32, 'the description hash'));
  if (letter === 'm') return present(metadataHex, (hex) => hexWords(hex, null, 'the metadata'));
  if (letter === 'x')
    return present(expirySeconds, (value) => numberToWords(encodableNumber(value, MAX_EXPIRY_SECONDS, 'the expiry')));
  return present(minFinalCltvExpiryDelta, (value) =>
    numberToWords(encodableNumber(value, MAX_CLTV_DELTA, 'the final CLTV delta')),
  );
}

function present<T>(value: T | undefined, write: (value: T) => number[]): number[][] {
  return value === undefined ? [] : [write(value)];
}

function hexWords(hex: string, length: number | null, name: string): number[] {
  return bytesToWords(encodableBytes(hex, length, name));
}
