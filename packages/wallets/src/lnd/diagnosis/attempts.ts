import { asObject, hexOfBytes, integerOf, type Json, textOf } from '../../rest/index.js';

/** One attempt of a payment, as LND keeps it. */
export interface Attempt {
  readonly id: string;
  /** Height at which the first channel gives the money back at the latest. */
  readonly timeLock: number;
  /** Of the first hop. */
  readonly channelId: string;
}

/** `null` where one of them cannot be read: then nothing follows from the rest. */
export function readAttempts(payment: Json): readonly Attempt[] | null {
  const attempts = objectsOf(payment, 'htlcs').map(readAttempt);
  return attempts.includes(null) ? null : attempts.filter((attempt) => attempt !== null);
}

function readAttempt(htlc: Json): Attempt | null {
  const route = asObject(htlc['route']) ?? {};
  const [firstHop] = objectsOf(route, 'hops');
  const id = textOf(htlc, 'attempt_id');
  const channelId = textOf(firstHop ?? {}, 'chan_id');
  const timeLock = integerOf(route, 'total_time_lock');
  return id === null || channelId === null || timeLock === null || timeLock <= 0 ? null : { id, timeLock, channelId };
}

/** An open channel, and the payment hashes for which it holds money. */
export interface OpenChannel {
  readonly id: string;
  readonly heldHashesHex: readonly (string | null)[];
}

/** From `GET /v1/channels`. */
export function readChannels(json: Json): readonly OpenChannel[] {
  return objectsOf(json, 'channels').map((channel) => ({
    id: textOf(channel, 'chan_id') ?? '',
    heldHashesHex: objectsOf(channel, 'pending_htlcs').map((htlc) => hexOfBytes(htlc, 'hash_lock')),
  }));
}

function objectsOf(json: Json, name: string): Json[] {
  const list = json[name];
  return Array.isArray(list) ? list.map((each) => asObject(each) ?? {}) : [];
}
