import { schnorr } from '@noble/curves/secp256k1.js';
import { bytesToHex, hexToBytes, isHex64, sha256Hex } from '@satway/protocol';
import type { NostrKey } from './key.js';

/** A Nostr event as NIP-01 writes it. */
export interface NostrEvent {
  readonly id: string;
  /** The author: x-only public key. */
  readonly pubkey: string;
  /** Unix seconds, by the author's clock. */
  readonly created_at: number;
  readonly kind: number;
  readonly tags: readonly (readonly string[])[];
  readonly content: string;
  readonly sig: string;
}

/** What an author decides. */
export interface EventDraft {
  readonly kind: number;
  readonly createdAtSeconds: number;
  readonly tags: readonly (readonly string[])[];
  readonly content: string;
}

const HEX_128 = /^[0-9a-f]{128}$/;

/** Signs by BIP-340 over the id of NIP-01. */
export function signEvent(draft: EventDraft, key: NostrKey): NostrEvent {
  const { kind, createdAtSeconds, tags, content } = draft;
  const unsigned = { pubkey: key.pubkeyHex, created_at: createdAtSeconds, kind, tags, content };
  const id = eventIdOf(unsigned);
  return { ...unsigned, id, sig: bytesToHex(schnorr.sign(bytesOf(id), key.secret)) };
}

/** Whether the id is that of the event, and the signature that of its author. */
export function isGenuine(event: NostrEvent): boolean {
  if (event.id !== eventIdOf(event)) return false;
  try {
    return schnorr.verify(bytesOf(event.sig), bytesOf(event.id), bytesOf(event.pubkey));
  } catch {
    // A public key that is no point of the curve.
    return false;
  }
}

/** Reads the shape of an event; `null` for anything else. Says nothing about who wrote it. */
export function parseEvent(value: unknown): NostrEvent | null {
  if (typeof value !== 'object' || value === null) return null;
  const { id, pubkey, created_at, kind, tags, content, sig } = value as Readonly<Record<string, unknown>>;
  const isShaped =
    isHex(id) &&
    isHex(pubkey) &&
    isCount(created_at) &&
    isCount(kind) &&
    isTagList(tags) &&
    typeof content === 'string' &&
    typeof sig === 'string' &&
    HEX_128.test(sig);
  return isShaped ? { id, pubkey, created_at, kind, tags, content, sig } : null;
}

/** The values of the first tag of this name; `null` where there is none. */
export function tagOf(event: NostrEvent, name: string): readonly string[] | null {
  return event.tags.find((tag) => tag[0] === name)?.slice(1) ?? null;
}

function eventIdOf(event: Omit<NostrEvent, 'id' | 'sig'>): string {
  const { pubkey, created_at, kind, tags, content } = event;
  return sha256Hex(Buffer.from(JSON.stringify([0, pubkey, created_at, kind, tags, content]), 'utf8'));
}

function bytesOf(hex: string): Uint8Array {
  const read = hexToBytes(hex);
  return read.ok ? read.value : new Uint8Array();
}

function isHex(value: unknown): value is string {
  return typeof value === 'string' && isHex64(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isTagList(value: unknown): value is string[][] {
  return (
    Array.isArray(value) &&
    value.every((tag) => Array.isArray(tag) && tag.every((part: unknown) => typeof part === 'string'))
  );
}
