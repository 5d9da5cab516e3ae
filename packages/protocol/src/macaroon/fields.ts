import { ok, type Refusal, type Result, refuse } from '../result.js';

/** Field tags of the version 2 binary format (libmacaroons). */
export const END_OF_SECTION = 0;
export const LOCATION = 1;
export const IDENTIFIER = 2;
export const SIGNATURE = 6;

export function malformed(why: string): Refusal {
  return refuse('MACAROON_MALFORMED', why);
}

export function tooLarge(why: string): Refusal {
  return refuse('MACAROON_TOO_LARGE', why);
}

/** Reads tags and length-prefixed fields from front to back; every byte is looked at once. */
export class FieldReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  isNext(byte: number): boolean {
    return this.#bytes[this.#at] === byte;
  }

  /** Takes the next byte when it is this one. */
  take(byte: number): boolean {
    if (!this.isNext(byte)) return false;
    this.#at += 1;
    return true;
  }

  /** A field with this tag, as a view. */
  field(tag: number): Result<Uint8Array> {
    if (!this.take(tag)) return malformed(`A field with tag ${tag} is missing.`);
    const length = this.#length();
    if (length === null || length > this.#bytes.length - this.#at) return malformed('A length is wrong.');
    const start = this.#at;
    this.#at += length;
    return ok(this.#bytes.subarray(start, this.#at));
  }

  /**
   * Unsigned LEB128 of at most two bytes, which is enough for 4 KiB: a second byte that announces a third reads as a length beyond the end. A second byte of zero
   * would be another spelling of the first.
   */
  #length(): number | null {
    const low = this.#bytes[this.#at];
    if (low === undefined) return null;
    this.#at += 1;
    if (low < 0x80) return low;
    const high = this.#bytes[this.#at];
    if (high === undefined || high === 0) return null;
    this.#at += 1;
    return (low & 0x7f) | (high << 7);
  }
}

/** Writes fields into one buffer of the right size. */
export class FieldWriter {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(size: number) {
    this.#bytes = new Uint8Array(size);
  }

  byte(value: number): void {
    this.#bytes[this.#at] = value;
    this.#at += 1;
  }

  field(tag: number, content: Uint8Array): void {
    this.byte(tag);
    if (content.length < 0x80) this.byte(content.length);
    else {
      this.byte((content.length & 0x7f) | 0x80);
      this.byte(content.length >> 7);
    }
    this.#bytes.set(content, this.#at);
    this.#at += content.length;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }
}

/** Bytes that a field takes, tag and length included. */
export function fieldSize(content: Uint8Array): number {
  return 1 + (content.length < 0x80 ? 1 : 2) + content.length;
}
