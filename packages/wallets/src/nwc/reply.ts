import { asObject, type Json, parseJsonObject, textOf } from '../rest/index.js';

/** What a wallet answered to one request. */
export type WalletReply =
  | { readonly ok: true; readonly result: Json }
  /** `code` as NIP-47 or the wallet has it; `message` is the wallet's, for a person. */
  | { readonly ok: false; readonly code: string; readonly message: string };

/**
 * Reads the decrypted content of a response; `null` for what is none, or answers another method than the one that was asked.
 *
 * @see NIP-47, "Request and Response Events": `result_type` MUST name the method; `error` is null on success. Stricter: an answer with both is none.
 */
export function readReply(text: string, method: string): WalletReply | null {
  const json = parseJsonObject(text);
  if (json === null || textOf(json, 'result_type') !== method) return null;
  const error = asObject(json['error']);
  const result = asObject(json['result']);
  if (error !== null && result !== null) return null;
  if (result !== null) return { ok: true, result };
  const code = error === null ? null : textOf(error, 'code');
  return error === null || code === null ? null : { ok: false, code, message: textOf(error, 'message') ?? '' };
}
