import { SatwayError } from '@satway/base';
import type { Json } from '../rest/index.js';
import { textOf } from '../rest/index.js';

/** What each state of `GET /v1/state` means for a person. */
const MEANING: Readonly<Record<string, string>> = {
  NON_EXISTING: 'LND has no wallet yet: make one with lncli create.',
  LOCKED: 'LND starts up, and its wallet is locked: unlock it with lncli unlock where it does not do so by itself.',
  UNLOCKED: 'LND starts up: its wallet is unlocked, its interface is not there yet.',
  RPC_ACTIVE: 'LND starts up: it answers, but is not ready to pay yet.',
  SERVER_ACTIVE: 'LND has just come up.',
  WAITING_TO_START: 'LND waits for its turn to start.',
};

/** The error for a node that is on its way up, in the words of its own state; needs no macaroon. */
export function startingUp(call: string, words: string, state: Json | null): SatwayError {
  const walletState = (state === null ? null : textOf(state, 'state')) ?? '';
  const meaning = Object.hasOwn(MEANING, walletState) ? MEANING[walletState] : undefined;
  return new SatwayError('WALLET_UNREACHABLE', {
    detail: `${call}: ${words}${meaning === undefined ? '' : `. ${meaning}`}`,
    ...(meaning === undefined ? {} : { facts: { walletState } }),
  });
}
