// Signs invoices and writes them to a file: argv is JSON {count, amountMsat, path}.
import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { encodeInvoice } from '../../packages/protocol/dist/index.js';

const { count, amountMsat, path } = JSON.parse(process.argv[2]);
const privateKey = createHash('sha256').update('benchmark node').digest();
/** The longest that the gate takes for a credential of an hour. */
const EXPIRY_SECONDS = 600;

function sign() {
  const preimage = randomBytes(32);
  const paymentHashHex = createHash('sha256').update(preimage).digest('hex');
  const timestampSeconds = Math.floor(Date.now() / 1000);
  const invoice = encodeInvoice(
    {
      network: 'regtest',
      amountMsat: BigInt(amountMsat),
      paymentHashHex,
      paymentSecretHex: randomBytes(32).toString('hex'),
      timestampSeconds,
      expirySeconds: EXPIRY_SECONDS,
      description: 'benchmark',
      minFinalCltvExpiryDelta: 80,
    },
    privateKey,
  );
  const createdAtMs = timestampSeconds * 1000;
  return { invoice, paymentHashHex, amountMsat, createdAtMs, expiresAtMs: createdAtMs + EXPIRY_SECONDS * 1000 };
}

writeFileSync(path, JSON.stringify(Array.from({ length: count }, sign)));
console.log(JSON.stringify({ path }));
