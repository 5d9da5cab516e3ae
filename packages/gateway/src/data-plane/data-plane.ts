import { randomUUID } from 'node:crypto';
import { type ErrorCode, isSatwayError } from '@satway/base';
import type { Dispatcher } from '@satway/egress';
import {
  type Claim,
  type Decision,
  type Gate,
  type GateAnswer,
  outcomeHeaders,
  replayUnavailableAnswer,
  type RequestFacts,
} from '@satway/gate';
import { type CanonicalPath, canonicalizePath } from '@satway/protocol';
import { flattenPairs, type GatewayAnswer, problemAnswer, sendAnswer, withOutcome } from './answer.js';
import type { AnswerObserver, CallRequest, CallResponse } from './call-response.js';
import type { CallBounds, CallObserver, LiveCall } from './call-surroundings.js';
import { type CallerAddressReader, plainAddress } from './caller-address.js';
import { originHeaders } from './origin-request.js';
import { RequestBody, type RequestBodyBounds } from './request-body.js';
import { type RequestHead, readRequestHead } from './request-head.js';
import { UpstreamCall } from './upstream-call.js';

/** What the data plane is made of. */
export interface DataPlaneParts {
  readonly gate: Gate;
  readonly origin: Dispatcher;
  readonly bounds: CallBounds & RequestBodyBounds;
  /** The public address; `null` takes what the caller named in `Host`. */
  readonly publicUrl: string | null;
  readonly readCallerAddress: CallerAddressReader;
  /** Answers paths that belong to the gateway itself; `null` where the path does not. */
  readonly answerOwnPath: (
    path: CanonicalPath,
    request: CallRequest,
    callerAddress: string,
  ) => Promise<GatewayAnswer> | null;
  readonly observer: DataPlaneObserver;
}

/** What the data plane tells metrics and log. */
export interface DataPlaneObserver extends CallObserver, AnswerObserver {
  callStarted(call: LiveCall): void;
}

/** Many a server leaves out the lines behind its thousandth without a word, ours or the length of the body among them. */
const MAX_HEADER_LINES = 900;

export type RequestHandler = (request: CallRequest, response: CallResponse) => void;

/** Makes the handler of all requests: canonical path → own paths → decision → origin. */
export function createDataPlane(parts: DataPlaneParts): RequestHandler {
  const publicUrl = parts.publicUrl === null ? null : new URL(parts.publicUrl);
  return function handleRequest(request, response) {
    response.watch(parts.observer);
    const visit = new Visit(parts, publicUrl, request, response);
    visit.run().catch((cause: unknown) => visit.fail(cause));
  };
}

/** One request from its head to the hand-over to the origin; also the facts that the gate judges. */
class Visit implements RequestFacts {
  readonly method: string;
  readonly rawHeaders: readonly string[];
  readonly callerAddress: string;
  path: CanonicalPath = { forward: '/', match: '/', query: '' };
  private readonly head: RequestHead;
  private readonly body: RequestBody;
  private readonly requestId = randomUUID();

  constructor(
    private readonly parts: DataPlaneParts,
    private readonly publicUrl: URL | null,
    private readonly request: CallRequest,
    private readonly response: CallResponse,
  ) {
    this.method = request.method ?? '';
    this.rawHeaders = request.rawHeaders;
    this.head = readRequestHead(request.rawHeaders);
    response.requestHasBody = this.head.hasBody;
    this.callerAddress = parts.readCallerAddress(this.peerAddress(), this.head.forwardedFor);
    this.body = new RequestBody(request, response, this.head.hasBody, parts.bounds);
  }

  get query(): string {
    return this.path.query;
  }

  readBodyDigest({ keepBody = true }: { readonly keepBody?: boolean } = {}): Promise<string> {
    return this.body.readDigest(keepBody);
  }

  async run(): Promise<void> {
    const flaw = this.flawOfHead();
    if (flaw !== null) return this.refuse(flaw);
    const path = canonicalizePath(this.request.url ?? '');
    if (!path.ok) return this.refuse(path.code);
    this.path = path.value;
    const own = this.parts.answerOwnPath(path.value, this.request, this.callerAddress);
    if (own !== null) return this.send(await own);
    return this.follow(await this.parts.gate.decide(this));
  }

  fail(cause: unknown): void {
    this.parts.observer.failed(cause);
    this.refuse(isSatwayError(cause) && cause.httpStatus !== null ? cause.code : 'INTERNAL');
  }

  private flawOfHead(): ErrorCode | null {
    if (this.rawHeaders.length > 2 * MAX_HEADER_LINES) return 'REQUEST_HEADERS_TOO_LARGE';
    if (this.head.flaw !== null || this.lacksHost()) return 'REQUEST_MALFORMED';
    if (this.head.asksUpgrade) return 'UPGRADE_REFUSED';
    return this.head.contentLength > this.parts.bounds.requestBodyBytes ? 'BODY_TOO_LARGE' : null;
  }

  private lacksHost(): boolean {
    return this.head.hosts === 0 && this.request.httpVersion !== '1.0';
  }

  private follow(decision: Decision): void {
    if (decision.kind !== 'grant') this.sendGateAnswer(decision.answer);
    else if (decision.grant.via === 'replay') this.replay(decision.grant.answer);
    else this.forward(decision.grant.via === 'claim' ? decision.grant.claim : null);
  }

  /** The first answer again. It was charged then, and says so; nothing is charged now. */
  private replay(answer: { status: number; rawHeaders: readonly string[]; body: Uint8Array } | null): void {
    if (answer === null) {
      this.sendGateAnswer(replayUnavailableAnswer());
      return;
    }
    const headers = [...flattenPairs(outcomeHeaders('charged')), ...answer.rawHeaders];
    this.send({ status: answer.status, headers, body: answer.body });
  }

  private forward(claim: Claim | null): void {
    const { parts, request, response, head } = this;
    const idHeaders = ['X-Request-Id', this.requestId];
    const { bounds, observer } = parts;
    const call = new UpstreamCall(
      request,
      response,
      claim,
      head.hasCredential,
      idHeaders,
      bounds,
      observer,
      Date.now(),
    );
    observer.callStarted(call);
    response.call = call;
    if (response.destroyed) call.cancel();
    else call.send(parts.origin, this.originRequest(claim));
  }

  private originRequest(claim: Claim | null): Dispatcher.DispatchOptions {
    const { forward, query } = this.path;
    return {
      method: this.method,
      path: query === '' ? forward : `${forward}?${query}`,
      headers: originHeaders(this.head, this.provenance(), claim),
      body: this.body.forForwarding(),
    };
  }

  private provenance(): Parameters<typeof originHeaders>[1] {
    return {
      callerAddress: this.callerAddress,
      peerAddress: this.peerAddress(),
      publicHost: this.publicUrl?.host ?? this.head.host,
      publicProtocol: this.publicUrl?.protocol === 'https:' ? 'https' : 'http',
      requestId: this.requestId,
    };
  }

  private peerAddress(): string {
    return plainAddress(this.request.socket.remoteAddress ?? '');
  }

  /** As the gate wrote it, without an id of ours: refused credentials are answered alike to the byte, but for the offer. */
  private sendGateAnswer({ status, headers, body }: GateAnswer): void {
    const withOurs = withOutcome(flattenPairs(headers), this.head.hasCredential);
    sendAnswer(this.request, this.response, { status, headers: withOurs, body });
  }

  private refuse(code: ErrorCode): void {
    this.send(problemAnswer(code));
  }

  private send(answer: GatewayAnswer): void {
    const headers = withOutcome(answer.headers, this.head.hasCredential);
    sendAnswer(this.request, this.response, { ...answer, headers: [...headers, 'X-Request-Id', this.requestId] });
  }
}
