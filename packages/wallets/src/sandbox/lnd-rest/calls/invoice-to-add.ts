import type { InvoiceToAdd } from '../../network/index.js';
import { type LndRefusal, refusal } from '../answer.js';
import { amountField, type Fields, integerField, textField } from '../request-fields.js';
import { readBytesField } from './hash-argument.js';

const DEFAULT_EXPIRY_SECONDS = 86_400;
const LONGEST_EXPIRY_SECONDS = 365 * 86_400;
const MAX_MEMO_BYTES = 639;
const HASH_BYTES = 32;

/** Reads what `POST /v1/invoices` asks for, or says in LND's words what is wrong with it. */
export function readInvoiceToAdd(fields: Fields): { readonly ok: true; readonly wanted: InvoiceToAdd } | LndRefusal {
  const amount = amountField(fields, 'value', 'value_msat');
  if (!amount.ok) return amount;
  const preimage = readBytesField(fields, 'r_preimage');
  const descriptionHash = readBytesField(fields, 'description_hash');
  const refused = memoRefusal(fields) ?? preimageRefusal(preimage) ?? descriptionHashRefusal(descriptionHash);
  if (refused !== null) return refused;
  const expiry = readExpiry(fields);
  if (typeof expiry !== 'number') return expiry;
  const wanted = {
    amountMsat: amount.amountMsat === 0 ? null : amount.amountMsat,
    description: textField(fields, 'memo'),
    expirySeconds: expiry,
    ...(isGiven(descriptionHash) ? { descriptionHashHex: descriptionHash.toString('hex') } : {}),
    ...(isGiven(preimage) ? { preimageHex: preimage.toString('hex') } : {}),
  };
  return { ok: true, wanted };
}

function memoRefusal(fields: Fields): LndRefusal | null {
  const bytes = Buffer.byteLength(textField(fields, 'memo'));
  return bytes <= MAX_MEMO_BYTES ? null : refusal(2, `memo too large: ${bytes} bytes (maxsize=${MAX_MEMO_BYTES})`);
}

function preimageRefusal(preimage: Buffer | null): LndRefusal | null {
  return isHashOrEmpty(preimage) ? null : refusal(2, `invalid preimage length of ${preimage?.length ?? 0}, want 32`);
}

function descriptionHashRefusal(hash: Buffer | null): LndRefusal | null {
  return isHashOrEmpty(hash) ? null : refusal(2, `description hash is ${hash?.length ?? 0} bytes, must be 32`);
}

function isHashOrEmpty(bytes: Buffer | null): boolean {
  return bytes !== null && (bytes.length === 0 || bytes.length === HASH_BYTES);
}

/** Seconds; a day where it is left out. */
function readExpiry(fields: Fields): number | LndRefusal {
  const seconds = integerField(fields, 'expiry');
  if (seconds === null) return refusal(3, 'invalid value for int64 field expiry');
  if (seconds < 0) return refusal(2, 'expiry must be positive');
  if (seconds > LONGEST_EXPIRY_SECONDS) return refusal(2, `expiry of ${seconds} seconds greater than max expiry`);
  return seconds === 0 ? DEFAULT_EXPIRY_SECONDS : seconds;
}

function isGiven(bytes: Buffer | null): bytes is Buffer {
  return bytes !== null && bytes.length > 0;
}
