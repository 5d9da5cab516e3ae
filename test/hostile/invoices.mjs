// Invoices that no honest node would sign, each with a twin that the wallet would pay if it were asked to.
import { createHash, randomBytes } from 'node:crypto';
import { encodeInvoice } from '@satway/protocol';

const NODE_KEY = Buffer.alloc(32, 5);
const CHARSET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
/** What a twin asks for where the invoice itself names no amount that a wallet could pay. */
export const TWIN_MSAT = 250_000_000;

/** The invoice of BOLT 11's first examples, from the time before payment secrets; with the hash that all of these have. */
export const WITHOUT_SECRET =
  'lnbc2500u1pvjluezpp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypqdq5xysxxatsyp3k7enxv4jsxqzpuaztrnwngzn3kdzw5hydlzf03qdgm2hdq27cqv3agm2awhz5se903vruatfhq77w3ls4evs3ch9zw97j25emudupq63nyw24cg27h2rspfj9srp';
/** From the specification's invalid examples: 2500000001 pico-bitcoin is no whole number of millisatoshis. */
export const SUB_MILLISATOSHI =
  'lnbc2500000001p1pvjluezpp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypqdq5xysxxatsyp3k7enxv4jsxqzpusp5zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zygs9qrsgq0lzc236j96a95uv0m3umg28gclm5lqxtqqwk32uuk4k6673k6n5kfvx3d2h8s295fad45fdhmusm8sjudfhlf6dcsxmfvkeywmjdkxcp99202x';
export const EXAMPLE_HASH = '0001020304050607080900010203040506070809000102030405060708090102';

/** Signs whatever is wanted with a key that nobody knows. */
export function forge(changes = {}) {
  const preimage = randomBytes(32);
  const paymentHashHex = createHash('sha256').update(preimage).digest('hex');
  const content = {
    network: 'regtest',
    amountMsat: 5000n,
    timestampSeconds: nowSeconds(),
    paymentHashHex,
    paymentSecretHex: randomBytes(32).toString('hex'),
    description: 'one item',
    ...changes,
  };
  return { invoice: encodeInvoice(content, NODE_KEY), paymentHashHex, preimageHex: preimage.toString('hex') };
}

export function nowSeconds() {
  return Math.floor(Date.now() / 1000);
}

/** The same invoice with another signature than its named payee's, and a checksum that fits. */
export function withBadSignature(invoice) {
  const separator = invoice.lastIndexOf('1');
  const humanPart = invoice.slice(0, separator);
  const words = Array.from(invoice.slice(separator + 1, -6), (letter) => CHARSET.indexOf(letter));
  const at = words.length - 60;
  words[at] = (words[at] ?? 0) ^ 1;
  const data = [...words, ...checksum(humanPart, words)];
  return `${humanPart}1${data.map((word) => CHARSET[word]).join('')}`;
}

/** BIP 173. */
function checksum(humanPart, words) {
  const codes = [...humanPart].map((letter) => letter.charCodeAt(0));
  const expanded = [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
  const value = [...expanded, ...words, 0, 0, 0, 0, 0, 0].reduce(step, 1) ^ 1;
  return [25, 20, 15, 10, 5, 0].map((shift) => (value >> shift) & 31);
}

function step(value, word) {
  const top = value >>> 25;
  const shifted = ((value & 0x1ffffff) << 5) ^ word;
  return GENERATORS.reduce((sum, generator, bit) => ((top >> bit) & 1 ? sum ^ generator : sum), shifted);
}
