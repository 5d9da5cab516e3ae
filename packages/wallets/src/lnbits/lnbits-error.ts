import { type ErrorCode, SatwayError } from '@satway/base';
import { asObject, foreignWords, type Json, textOf } from '../rest/index.js';
import type { LnbitsAnswer } from './connection.js';

/**
 * What LNbits says in an error: `detail`, for validation a list of what is wrong with which field, or `error` where it limits calls. `null` where it is no
 * error of LNbits': a proxy's page, or something else.
 */
export function detailOf(json: Json | null): string | null {
  if (json === null) return null;
  const detail = json['detail'] ?? json['error'];
  const text = Array.isArray(detail) ? detail.map(fieldError).join('; ') : detail;
  return typeof text === 'string' ? foreignWords(text) : null;
}

function fieldError(entry: unknown): string {
  const json = asObject(entry) ?? {};
  const place = Array.isArray(json['loc']) ? json['loc'].filter((part) => typeof part === 'string').join('.') : '';
  return `${place}: ${textOf(json, 'msg') ?? 'not valid'}`;
}

const WALLET_NOT_FOUND = 'Wallet not found.';

/** The error of ours for a call that LNbits did not answer as expected. `call` is a method and a path without arguments. */
export function refusedCall(call: string, { status, json }: LnbitsAnswer): SatwayError {
  if (status >= 300 && status < 400) {
    return invalid(
      `${call}: HTTP ${status}, a redirect, which is not followed with a key. Set the URL that it leads to.`,
    );
  }
  const detail = detailOf(json);
  if (detail === null || status < 300) return invalid(`${call}: HTTP ${status} without what is expected of LNbits.`);
  return new SatwayError(codeFor(status, detail), { detail: `${call}: HTTP ${status} ${detail}` });
}

function codeFor(status: number, detail: string): ErrorCode {
  const refusesKey = status === 401 || status === 403 || (status === 404 && detail === WALLET_NOT_FOUND);
  if (refusesKey) return 'WALLET_PERMISSION_DENIED';
  // Busy, or without its node (520): it can do nothing just now, whatever is asked.
  return status === 429 || status >= 500 ? 'WALLET_UNREACHABLE' : 'WALLET_REFUSED';
}

export function invalid(detail: string): SatwayError {
  return new SatwayError('WALLET_ANSWER_INVALID', { detail });
}
