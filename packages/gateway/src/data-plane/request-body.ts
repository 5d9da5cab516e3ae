import { createHash, type Hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { SatwayError } from '@satway/base';
import type { CallRequest, CallResponse } from './call-response.js';
import type { HeldBodies } from './held-bodies.js';

/** A caller who sends on for longer after the answer is cut off. */
const MAX_DISCARDED_BYTES = 4 * 1_048_576;

export interface RequestBodyBounds {
  readonly requestBodyBytes: number;
  /** How long a body may take that is read before the decision: until then nobody has paid for the connection that it holds. */
  readonly digestMs: number;
  /** Room for the bodies that are held, all calls together. */
  readonly heldBodies: HeldBodies;
}

const MIN_DIGEST_MS = 30_000;
/** The slowest caller whose body of full length is still waited for: 32 KiB per second. */
const SLOWEST_BYTES_PER_MS = 32;

/** How long the largest body may take before the decision; never longer than the whole call. */
export function digestTimeMs(requestBodyBytes: number, totalMs: number): number {
  return Math.min(totalMs, Math.max(MIN_DIGEST_MS, Math.ceil(requestBodyBytes / SLOWEST_BYTES_PER_MS)));
}

/** The body of one request: hashed where its digest is wanted, else streamed; never more of it than the limit. */
export class RequestBody {
  private held: Buffer | null = null;
  private isSpent = false;
  private heldBytes = 0;

  constructor(
    private readonly request: CallRequest,
    private readonly response: CallResponse,
    private readonly isPresent: boolean,
    private readonly bounds: RequestBodyBounds,
  ) {}

  /**
   * SHA-256 of the raw body, lower-case hex; once for each request.
   *
   * @param keepBody - holds the body for forwarding; without it the bytes are let go as they are hashed.
   * @throws {SatwayError} `BODY_TOO_LARGE`, `BODY_ROOM_TAKEN`, `CALLER_GONE`, `REQUEST_TIMEOUT`.
   */
  async readDigest(keepBody: boolean): Promise<string> {
    const hash = createHash('sha256');
    if (!this.isPresent) return hash.digest('hex');
    this.isSpent = true;
    if (keepBody) await this.hold(hash);
    else await this.readInTime((chunk) => void hash.update(chunk));
    return hash.digest('hex');
  }

  /**
   * What goes to the origin: the held bytes, a stream, or nothing.
   *
   * @throws {SatwayError} `INTERNAL` where the body was hashed and let go.
   */
  forForwarding(): Buffer | Readable | null {
    if (!this.isPresent) return null;
    if (this.held !== null) return this.held;
    if (this.isSpent) throw new SatwayError('INTERNAL', { detail: 'The body was not kept for forwarding.' });
    return this.open();
  }

  private async hold(hash: Hash): Promise<void> {
    const kept: Buffer[] = [];
    try {
      await this.readInTime((chunk) => {
        this.takeRoom(chunk.length);
        hash.update(chunk);
        kept.push(chunk);
      });
    } catch (error) {
      this.giveRoomBack();
      throw error;
    }
    this.held = Buffer.concat(kept);
    if (this.response.destroyed) this.giveRoomBack();
    else this.response.once('close', () => this.giveRoomBack());
  }

  private takeRoom(bytes: number): void {
    if (!this.bounds.heldBodies.take(bytes)) throw new SatwayError('BODY_ROOM_TAKEN');
    this.heldBytes += bytes;
  }

  private giveRoomBack(): void {
    this.bounds.heldBodies.give(this.heldBytes);
    this.heldBytes = 0;
  }

  private async readInTime(take: (chunk: Buffer) => void): Promise<void> {
    const body = this.open();
    const timer = setTimeout(() => body.destroy(new SatwayError('REQUEST_TIMEOUT')), this.bounds.digestMs);
    try {
      for await (const chunk of body) take(chunk as Buffer);
    } finally {
      clearTimeout(timer);
    }
  }

  private open(): LimitedBody {
    this.response.askForBody();
    return new LimitedBody(this.request, this.bounds.requestBodyBytes);
  }
}

/**
 * The request as a stream of its own that counts. Not the request itself: whoever fails while reading destroys what it reads, and
 * destroying the request would take the connection with it, over which the answer has to go.
 */
class LimitedBody extends Readable {
  private bytes = 0;

  constructor(
    private readonly request: CallRequest,
    private readonly limitBytes: number,
  ) {
    super({ highWaterMark: 65_536 });
    request.on('data', this.onChunk);
    request.once('end', this.onEnd);
    request.once('close', this.onClose);
    request.once('error', this.onClose);
    request.pause();
  }

  override _read(): void {
    this.request.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.request.off('data', this.onChunk).off('end', this.onEnd).off('close', this.onClose);
    // What nobody reads any more is let go, so that the caller gets to the answer instead of being stuck in sending; within limits.
    if (!this.request.complete) this.request.on('data', this.onDiscard);
    this.request.resume();
    callback(error);
  }

  private readonly onChunk = (chunk: Buffer): void => {
    this.bytes += chunk.length;
    if (this.bytes > this.limitBytes) this.destroy(new SatwayError('BODY_TOO_LARGE'));
    else if (!this.push(chunk)) this.request.pause();
  };

  private readonly onDiscard = (chunk: Buffer): void => {
    this.bytes += chunk.length;
    if (this.bytes > this.limitBytes + MAX_DISCARDED_BYTES) this.request.destroy();
  };

  private readonly onEnd = (): void => {
    this.push(null);
  };

  private readonly onClose = (): void => {
    if (!this.request.readableEnded) this.destroy(new SatwayError('CALLER_GONE'));
  };
}
