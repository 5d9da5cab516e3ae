import { type ErrorCode, SatwayError } from '@satway/base';
import type { PhoenixdAnswer, PhoenixdCall } from './phoenixd-call.js';

/** phoenixd tells its mistakes in plain text. */
const WRONG_PASSWORD = 'Invalid authentication (use basic auth with the http password set in phoenix.conf)';
const WRONG_METHOD = 'Invalid http method (use the correct GET/POST)';
const WRONG_PATH = 'Unknown endpoint (check api doc)';
const NO_RECORD = 'Not found';
const WRONG_PARAMETER =
  /^Request parameter [A-Za-z]{1,40} (?:is missing|couldn't be parsed\/converted to [a-z0-9]{1,40})$/;

/** phoenixd has no record of what was asked for; a 404 in other words is a wrong path, or not phoenixd. */
export function isNoRecord({ status, text }: PhoenixdAnswer): boolean {
  return status === 404 && text === NO_RECORD;
}

export function isWrongPassword({ status, text }: PhoenixdAnswer): boolean {
  return status === 401 && text === WRONG_PASSWORD;
}

export function isWrongParameter({ status, text }: PhoenixdAnswer): boolean {
  return status === 400 && WRONG_PARAMETER.test(text);
}

/** Whether phoenixd put a call aside before it did anything with it, in words that nothing else in front of it would use. */
export function isRefusedUnread(answer: PhoenixdAnswer): boolean {
  const { status, text } = answer;
  return (
    isWrongPassword(answer) ||
    isWrongParameter(answer) ||
    (status === 404 && text === WRONG_PATH) ||
    (status === 405 && text === WRONG_METHOD)
  );
}

/** The error of ours for a call that was not answered as it should be. */
export function refusedCall({ method, path }: PhoenixdCall, answer: PhoenixdAnswer): SatwayError {
  const call = `${method} ${path.replace(/[0-9a-f]{64}$/, '…')}`;
  return new SatwayError(codeFor(answer), { detail: `${call}: HTTP ${answer.status}${told(answer)}` });
}

function codeFor(answer: PhoenixdAnswer): ErrorCode {
  if (answer.status === 401) return 'WALLET_PERMISSION_DENIED';
  return answer.status === 400 && answer.json === null && isPlain(answer.text)
    ? 'WALLET_REFUSED'
    : 'WALLET_ANSWER_INVALID';
}

/** What it says, where that is a sentence for a person. */
function told({ status, json, text, words }: PhoenixdAnswer): string {
  if (status === 200) return ', which is not the answer to this call.';
  return json === null && isPlain(text) ? `: ${words(text)}` : '.';
}

function isPlain(text: string): boolean {
  return text !== '' && !text.trimStart().startsWith('<');
}
