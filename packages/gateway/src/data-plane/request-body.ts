import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { SatwayError } from '@satway/base';
import type { CallRequest, CallResponse } from './call-response.js';

/** A caller who sends on for longer after the answer is cut off. */
const MAX_DISCARDED_BYTES = 4 * 1_048_576;

/** The body of one request: read whole where its digest is wanted, else streamed; never more of it than the limit. */
export class RequestBody {
  private held: Buffer | null = null;

  constructor(
    private readonly request: CallRequest,
    private readonly response: CallResponse,
    private readonly isPresent: boolean,
    private readonly limitBytes: number,
  ) {}

  /**
   * SHA-256 of the raw body, lower-case hex; keeps the body for forwarding.
   *
   * @throws {SatwayError} `BODY_TOO_LARGE`, `CALLER_GONE`.
   */
  async readDigest(): Promise<string> {
    this.held ??= this.isPresent ? await this.readWhole() : Buffer.alloc(0);
    return createHash('sha256').update(this.held).digest('hex');
  }

  /** What goes to the origin: the held bytes, a stream, or nothing. */
  forForwarding(): Buffer | Readable | null {
    if (!this.isPresent) return null;
    if (this.held !== null) return this.held;
    this.response.askForBody();
    return new LimitedBody(this.request, this.limitBytes);
  }

  private async readWhole(): Promise<Buffer> {
    this.response.askForBody();
    const chunks: Buffer[] = [];
    for await (const chunk of new LimitedBody(this.request, this.limitBytes)) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
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
