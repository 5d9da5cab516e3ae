import type { ErrorCode } from '@satway/base';
import { type Dispatcher, isStaleConnection } from '@satway/egress';
import { type Claim, outcomeHeaders } from '@satway/gate';
import {
  type AnswerOutcome,
  endResponse,
  flattenPairs,
  hasLength,
  problemAnswer,
  sendAnswer,
  writeChunk,
} from './answer.js';
import type { CallListener, CallRequest, CallResponse } from './call-response.js';
import type { CallBounds, CallObserver } from './call-surroundings.js';
import { isLengthMismatch, originFailure } from './origin-failure.js';
import { type ResponseHead, readResponseHead, withoutContentLength } from './response-head.js';

/**
 * waiting → (collecting →) settling → streaming → over
 *
 * `collecting`: a short answer is read whole, to be kept with the charge. `settling`: the charge is being committed or given back, and no
 * more than a window of the answer is held. Nothing of the answer leaves before `streaming`.
 */
type Phase = 'waiting' | 'collecting' | 'settling' | 'streaming' | 'over';

/** Just below the time for which a claim's lease is renewed: a call that is not charged by then must give its claim back itself. */
const MAX_UNCHARGED_MS = 590_000;
/** So much of an answer is held while its charge is committed; then the origin is paused. */
const HELD_BYTES = 65_536;
const CHARGED = flattenPairs(outcomeHeaders('charged'));
const NOT_CHARGED = flattenPairs(outcomeHeaders('not_charged'));
const RELEASED: AnswerOutcome = { outcome: 'released', code: 'UPSTREAM_FAILED_RETRYABLE' };

/**
 * One request on its way to the origin, and its answer on the way back. It is the handler that the dispatcher calls (in the form that hands
 * over raw headers and takes no wrapper), the listener of the caller's side, and the owner of the claim.
 */
export class UpstreamCall implements Dispatcher.DispatchHandler, CallListener {
  deadlineMs: number;
  /** On the roll of calls under way. */
  place = -1;
  private phase: Phase = 'waiting';
  private origin: Dispatcher | null = null;
  /** What may be sent once more. */
  private repeatable: Dispatcher.DispatchOptions | null = null;
  private abort: ((error?: Error) => void) | null = null;
  private resumeOrigin: (() => void) | null = null;
  private isStopped = false;
  private wasSent = false;
  private callerIsGone = false;
  private originEnded = false;
  private originBroke = false;
  private status = 0;
  private head: ResponseHead = { headers: [], contentLength: -1, isCoded: false };
  /** What came before the charge was final. */
  private held: Buffer[] = [];
  private heldBytes = 0;
  private isPaused = false;
  private passedBytes = 0;

  constructor(
    private readonly request: CallRequest,
    private readonly response: CallResponse,
    private readonly claim: Claim | null,
    private readonly hasCredential: boolean,
    private readonly requestIdHeaders: readonly string[],
    private readonly bounds: CallBounds,
    private readonly observer: CallObserver,
    private readonly startedMs: number,
  ) {
    this.deadlineMs = startedMs + (claim === null ? bounds.totalMs : Math.min(bounds.totalMs, MAX_UNCHARGED_MS));
  }

  /** Hands the request over. One that asks only to read, and has no body, is kept to be sent once more. */
  send(origin: Dispatcher, options: Dispatcher.DispatchOptions): void {
    const { method, body } = options;
    this.origin = origin;
    if ((method === 'GET' || method === 'HEAD') && body === null) this.repeatable = options;
    origin.dispatch(options, this);
  }

  // The dispatcher's side.

  onConnect(abort: (error?: Error) => void): void {
    this.abort = abort;
    if (this.isStopped) abort();
  }

  /** The whole request, body included, was handed to the socket: from here on the origin may have acted. */
  onRequestSent(): void {
    this.wasSent = true;
  }

  onHeaders(status: number, rawHeaders: Buffer[], resume: () => void): boolean {
    if (status < 200 || this.phase !== 'waiting') return true;
    this.resumeOrigin = resume;
    this.status = status;
    this.head = readResponseHead(rawHeaders);
    if (status === 204 || status === 304) this.head = withoutContentLength(this.head);
    if (status === 402) return this.refuse('ORIGIN_ASKED_PAYMENT');
    if (this.head.isCoded && this.hasBody()) return this.refuse('ORIGIN_BROKEN');
    if (this.hasBody() && this.head.contentLength > this.bounds.responseBodyBytes) {
      return this.refuse('ORIGIN_ANSWER_TOO_LARGE');
    }
    return this.settle();
  }

  onData(chunk: Buffer): boolean {
    if (this.phase === 'streaming') return this.pass(chunk);
    return this.phase === 'over' || this.hold(chunk);
  }

  onComplete(): void {
    this.originEnded = true;
    if (this.phase === 'collecting') this.run(this.captureWithAnswer());
    else if (this.phase === 'streaming') this.finish(null);
  }

  onError(error: Error): void {
    if (this.phase === 'over' || this.repeats(error)) return;
    if (!this.hasBody() && isLengthMismatch(error)) {
      this.onComplete();
      return;
    }
    this.originBroke = true;
    if (this.phase === 'streaming') this.cut(originFailure(error));
    else if (this.phase !== 'settling') this.run(this.giveBack(originFailure(error)));
  }

  /**
   * An origin that closes its idle connections may do so while a request is on its way to it. What is safe to repeat (RFC 9110, 9.2.2) is sent once more, on
   * the same claim, where nothing of an answer had come.
   */
  private repeats(error: Error): boolean {
    const { origin, repeatable } = this;
    if (this.phase !== 'waiting' || repeatable === null || !isStaleConnection(error)) return false;
    this.repeatable = null;
    origin?.dispatch(repeatable, this);
    return true;
  }

  // The caller's side.

  /**
   * Without an `Idempotency-Key` nobody can come back for the answer, so the origin is told to stop. With one the call goes on, because the
   * answer is what the caller paid for and will ask for again.
   */
  callerLeft(): void {
    if (this.phase === 'over' || this.callerIsGone) return;
    this.callerIsGone = true;
    if (this.phase === 'streaming') this.cut('CALLER_GONE');
    else if (this.phase === 'waiting' && this.claim?.keepsAnswer !== true) this.run(this.abandon());
  }

  /** The caller was gone before anything was forwarded. */
  cancel(): void {
    this.callerIsGone = true;
    this.run(this.abandon());
  }

  callerHasRoom(): void {
    if (this.phase === 'streaming') this.resumeOrigin?.();
  }

  /** The time for the whole call is up. A charge that is being committed is waited for. */
  timeIsUp(): void {
    if (this.phase === 'waiting' || this.phase === 'collecting') this.run(this.giveBack('ORIGIN_TIMEOUT'));
    else if (this.phase === 'streaming') this.cut('ORIGIN_TIMEOUT');
  }

  // From the head to the charge. These return whether the origin may go on sending.

  private settle(): boolean {
    if (this.claim === null) return this.passHead(this.hasCredential ? NOT_CHARGED : []);
    if (this.status >= 500) return this.settleWith(this.releaseThenPass(this.claim));
    if (this.claim.keepsAnswer && this.isShort()) {
      this.phase = 'collecting';
      return true;
    }
    return this.settleWith(this.captureThenPass(this.claim));
  }

  private hasBody(): boolean {
    return this.request.method !== 'HEAD' && this.status !== 204 && this.status !== 304;
  }

  private isShort(): boolean {
    const { contentLength } = this.head;
    return !this.hasBody() || (contentLength >= 0 && contentLength <= this.bounds.keptBodyBytes);
  }

  /** The origin goes on for as long as a window has room: a commit is often done before the next chunk, and pausing costs more than holding. */
  private settleWith(settled: Promise<void>): boolean {
    this.run(settled);
    return true;
  }

  private hold(chunk: Buffer): boolean {
    this.held.push(chunk);
    this.heldBytes += chunk.length;
    this.isPaused = this.phase === 'settling' && this.heldBytes >= HELD_BYTES;
    return !this.isPaused;
  }

  /** A step that nobody waits for: should it fail, the caller sees a broken connection rather than the process its end. */
  private run(step: Promise<void>): void {
    step.catch((cause: unknown) => {
      this.observer.failed(cause);
      if (this.phase !== 'over') this.cut('INTERNAL');
    });
  }

  private async captureThenPass(claim: Claim): Promise<void> {
    this.phase = 'settling';
    if (await this.captured(claim, null)) this.passSettled(CHARGED);
  }

  private async captureWithAnswer(): Promise<void> {
    const { claim } = this;
    if (claim === null) return;
    this.phase = 'settling';
    const body = Buffer.concat(this.held);
    const kept = await this.captured(claim, { status: this.status, rawHeaders: this.head.headers, body });
    if (kept) this.sendCollected(body);
  }

  private async releaseThenPass(claim: Claim): Promise<void> {
    this.phase = 'settling';
    await claim.release();
    if (this.originBroke && !this.originEnded) this.answerFailure('ORIGIN_BROKEN', RELEASED);
    else this.passSettled(flattenPairs(outcomeHeaders(RELEASED.outcome, RELEASED.code)));
  }

  /** Whether the charge is final; where it is not, the caller was told and gets none of the origin's bytes. */
  private async captured(claim: Claim, answer: Parameters<Claim['capture']>[0]): Promise<boolean> {
    try {
      if ((await claim.capture(answer)) === 'captured') return true;
      this.stopOrigin();
      this.answerFailure('CHARGE_LOST', { outcome: 'not_charged', code: 'CHARGE_LOST' });
    } catch (cause) {
      this.observer.captureFailed(cause);
      this.stopOrigin();
      await this.answerUnsettled(claim);
    }
    return false;
  }

  /**
   * The store did not say whether the charge was committed. A claim that can still be released was not; one that is lost, or that nobody can ask about, may
   * have been, and the caller is told the worse of the two.
   */
  private async answerUnsettled(claim: Claim): Promise<void> {
    const released = await claim.release();
    this.answerFailure('STORE_UNAVAILABLE', {
      outcome: released === 'released' ? 'released' : 'charged',
      code: 'STORE_UNAVAILABLE',
    });
  }

  // Passing the answer on.

  private passSettled(outcome: readonly string[]): void {
    if (this.callerIsGone) {
      this.stopOrigin();
      this.finish('CALLER_GONE');
      return;
    }
    this.passHead(outcome);
    const hasRoom = this.passHeld();
    if (this.phase !== 'streaming') return;
    if (this.originBroke && !this.originEnded) this.cut('ORIGIN_BROKEN');
    else if (this.originEnded) this.finish(null);
    else if (this.isPaused && hasRoom) this.resumeOrigin?.();
  }

  /** Whether the caller has room for more. */
  private passHeld(): boolean {
    const { held } = this;
    this.held = [];
    return held.reduce((hasRoom, chunk) => this.phase === 'streaming' && this.pass(chunk) && hasRoom, true);
  }

  private passHead(outcome: readonly string[]): boolean {
    this.phase = 'streaming';
    this.deadlineMs = this.startedMs + this.bounds.totalMs;
    const { response, head } = this;
    response.writeHead(this.status, this.answerHeaders(outcome));
    // A stream's first chunk may be minutes away, and its reader wants to know that it was let in.
    if (head.contentLength < 0 && this.hasBody() && this.held.length === 0) response.flushHeaders();
    return true;
  }

  private answerHeaders(outcome: readonly string[]): string[] {
    return outcome.concat(this.requestIdHeaders, this.head.headers);
  }

  private pass(chunk: Buffer): boolean {
    this.passedBytes += chunk.length;
    if (this.passedBytes > this.bounds.responseBodyBytes) {
      this.cut('ORIGIN_ANSWER_TOO_LARGE');
      return false;
    }
    const hasRoom = writeChunk(this.response, chunk);
    if (!hasRoom) this.response.awaitRoom();
    return hasRoom;
  }

  private sendCollected(body: Buffer): void {
    if (!this.callerIsGone) {
      this.response.writeHead(this.status, this.answerHeaders(CHARGED));
      this.response.end(body);
    }
    this.end(this.callerIsGone ? 'CALLER_GONE' : null);
  }

  // Ends.

  private refuse(code: ErrorCode): boolean {
    this.run(this.giveBack(code));
    return false;
  }

  /** Before the charge: the use goes back to the buyer, then the caller hears why. */
  private async giveBack(code: ErrorCode): Promise<void> {
    this.phase = 'settling';
    this.stopOrigin();
    if (this.claim === null) this.answerFailure(code, this.hasCredential ? { outcome: 'not_charged' } : null);
    else {
      await this.claim.release();
      this.answerFailure(code, code === 'BODY_TOO_LARGE' ? { outcome: 'released', code } : RELEASED);
    }
  }

  /** The caller left before the answer. Once the origin has the whole request it may have acted, and the call is charged. */
  private async abandon(): Promise<void> {
    this.phase = 'settling';
    const { claim, wasSent } = this;
    this.stopOrigin();
    if (claim !== null) await (wasSent ? this.chargeAbandoned(claim) : claim.release());
    this.end('CALLER_GONE');
  }

  private async chargeAbandoned(claim: Claim): Promise<void> {
    try {
      await claim.capture();
    } catch (cause) {
      this.observer.captureFailed(cause);
    }
  }

  private stopOrigin(): void {
    if (this.originEnded) return;
    this.isStopped = true;
    this.abort?.();
  }

  private answerFailure(code: ErrorCode, payment: AnswerOutcome | null): void {
    sendAnswer(this.request, this.response, problemAnswer(code, payment, this.requestIdHeaders));
    this.end(code);
  }

  /** After the head has left only a broken connection tells the caller that the answer is not whole. */
  private cut(code: ErrorCode): void {
    this.phase = 'over';
    this.stopOrigin();
    if (this.endsWithConnection()) this.response.socket?.resetAndDestroy();
    this.response.destroy();
    this.end(code);
  }

  /** Without a length or chunks (HTTP/1.0) an ordinary close is the sign that the answer is whole; a reset is not. */
  private endsWithConnection(): boolean {
    return this.hasBody() && !hasLength(this.head.headers) && !this.response.chunkedEncoding;
  }

  private finish(failure: ErrorCode | null): void {
    if (!this.callerIsGone) this.endAnswer();
    this.end(failure);
  }

  /**
   * Of an answer with a length the bytes leave at the end of this turn, and the end has nothing to add: said a turn later, it spares a second,
   * empty buffer, and with it a gathered write.
   */
  private endAnswer(): void {
    const isWhole = this.passedBytes > 0 && this.passedBytes === this.head.contentLength;
    if (isWhole) process.nextTick(endResponse, this.response);
    else this.response.end();
  }

  private end(failure: ErrorCode | null): void {
    this.phase = 'over';
    this.observer.callEnded(this, failure);
  }
}
