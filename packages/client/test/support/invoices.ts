import { createHash, randomBytes } from 'node:crypto';
import { encodeInvoice, type InvoiceToEncode } from '@satway/protocol';

const NODE_KEY = Buffer.alloc(32, 5);

/** An invoice and its secret. */
export interface SecretInvoice {
  readonly invoice: string;
  readonly paymentHashHex: string;
  readonly preimageHex: string;
}

/** A genuine invoice of some node, with whatever is to be wrong with it. */
export function invoiceWith(changes: Partial<InvoiceToEncode> = {}): SecretInvoice {
  const preimage = randomBytes(32);
  const paymentHashHex = createHash('sha256').update(preimage).digest('hex');
  const invoice = encodeInvoice(
    {
      network: 'regtest',
      amountMsat: 5000n,
      timestampSeconds: Math.floor(Date.now() / 1000),
      paymentHashHex,
      paymentSecretHex: randomBytes(32).toString('hex'),
      description: 'one item',
      ...changes,
    },
    NODE_KEY,
  );
  return { invoice, paymentHashHex, preimageHex: preimage.toString('hex') };
}
