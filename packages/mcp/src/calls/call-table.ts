import { randomUUID } from 'node:crypto';
import type { CallToolResult } from '@modelcontextprotocol/client';
import { SatwayError } from '@satway/base';
import type { Approval, ApprovalRequest, Approver, L402Client, PaymentFacts, PerCallOptions } from '@satway/client';
import type { ElicitationSlot } from '../approval/index.js';
import { shownResult, type Upstreams } from '../proxy/index.js';
import type { SentSecrets } from '../secrets/index.js';
import type { AnswerFolder, KeptAnswer, KeptPart } from './answer-folder.js';
import type { CredentialFolder } from './credential-folder.js';
import type { Call, CallEnd, CallRequest, CallStep, ToolRequest } from './call.js';

/** Calls at the same time. */
const MAX_RUNNING = 50;
/** Calls that are remembered when they are over. */
const MAX_ENDED = 200;
/** Files of one answer: the folder holds other answers too. */
const MAX_PARTS = 10;

/** What decides over a payment, made for one call. */
export type MakeApprover = (call: AskingCall) => Approver;

/** What an approver may say of its call. */
export interface AskingCall {
  readonly callId: string;
  /** A person is asked this now, who may take long. */
  waitFor(approval: Approval): void;
}

/** The calls of this process: those under way, and the last of those that are over. */
export interface CallTable {
  /** @throws {SatwayError} `MCP_CALLS_FULL`. */
  start(request: CallRequest, makeApprover: MakeApprover, slot?: ElicitationSlot | null): Call;
  get(callId: string): Call | null;
  /** The last call that paid for, or was offered, this payment. */
  ofPayment(paymentHashHex: string): Call | null;
  /** A call under way for exactly this. */
  findRunning(request: CallRequest): Call | null;
  /** Gives up what is not paid yet, and waits for the rest. */
  close(): Promise<void>;
}

export interface CallTableParts {
  readonly client: Pick<L402Client, 'tryFetch' | 'obtain' | 'callTool'>;
  readonly upstreams: Upstreams;
  readonly answers: AnswerFolder;
  readonly credentials: CredentialFolder;
  readonly secrets: SentSecrets;
  readonly nowMs: () => number;
}

export function createCallTable(parts: CallTableParts): CallTable {
  const calls = new Map<string, Call>();
  const all = () => [...calls.values()];
  return {
    start(request, makeApprover, slot = null) {
      if (all().filter(({ end }) => end === null).length >= MAX_RUNNING) throw new SatwayError('MCP_CALLS_FULL');
      const call = startCall(parts, request, makeApprover, slot);
      calls.set(call.callId, call);
      forgetOldest(calls, parts.answers);
      return call;
    },
    get: (callId) => calls.get(callId) ?? null,
    ofPayment: (paymentHashHex) => all().findLast((call) => paymentOf(call) === paymentHashHex) ?? null,
    findRunning: (request) => all().find((call) => call.end === null && isSame(call.request, request)) ?? null,
    async close() {
      const running = all().filter(({ end }) => end === null);
      for (const call of running) call.cancel('The server ends.');
      await Promise.all(running.map(({ ended }) => ended));
    },
  };
}

/** The payment that a call is about; `null` while there is none. */
export function paymentOf({ quoted, end }: Call): string | null {
  const paid = end?.kind === 'answered' ? (end.payment?.paymentHashHex ?? null) : null;
  const obtained = end?.kind === 'obtained' ? end.credential.paymentHashHex : null;
  const named = end?.kind === 'failed' ? end.facts['paymentHashHex'] : null;
  return paid ?? obtained ?? quoted?.paymentHashHex ?? (typeof named === 'string' ? named : null);
}

function isSame(a: CallRequest, b: CallRequest): boolean {
  const thing = ({ method, url, headers, body, wants, tool }: CallRequest) =>
    JSON.stringify([method, url, headers, body, wants, tool]);
  return thing(a) === thing(b);
}

function forgetOldest(calls: Map<string, Call>, answers: AnswerFolder): void {
  const ended = [...calls.values()].filter(({ end }) => end !== null);
  for (const { callId, end } of ended.slice(0, Math.max(0, ended.length - MAX_ENDED))) {
    calls.delete(callId);
    if (end?.kind === 'answered') answers.drop(end.answer);
  }
}

/** Counts who waits. */
function attendance(giveUp: (reason: unknown) => void): Call['attend'] {
  let present = 0;
  let isAwaited = false;
  return () => {
    present++;
    return {
      answered() {
        present--;
        isAwaited = true;
      },
      left(reason) {
        if (--present === 0 && !isAwaited) giveUp(reason);
      },
    };
  };
}

/** The same call, for those who write it. */
type Running = { -readonly [Key in keyof Call]: Call[Key] };

function startCall(
  parts: CallTableParts,
  request: CallRequest,
  makeApprover: MakeApprover,
  slot: ElicitationSlot | null,
): Call {
  const controller = new AbortController();
  const listeners = new Set<(step: CallStep) => void>();
  const stepTo = (step: CallStep): void => {
    call.step = step;
    for (const listener of listeners) listener(step);
  };
  const call: Running = {
    callId: `call_${randomUUID()}`,
    request,
    startedAtMs: parts.nowMs(),
    step: 'asking',
    quoted: null,
    approval: null,
    slot,
    end: null,
    ended: Promise.resolve(),
    onStep(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    attend: attendance((reason) => call.cancel(reason)),
    cancel(reason) {
      if (call.step === 'asking' || call.step === 'priced' || call.step === 'waiting') controller.abort(reason);
    },
  };
  const asking: AskingCall = {
    callId: call.callId,
    waitFor(approval) {
      call.approval = approval;
      stepTo('waiting');
    },
  };
  const approve: Approver = async (offer: ApprovalRequest, waiting) => {
    call.quoted = offer;
    stepTo('priced');
    // What is paid for now has to be kept somewhere.
    parts.answers.prepare();
    const yes = await makeApprover(asking)(offer, waiting);
    if (yes === true && !waiting.signal.aborted) stepTo('paying');
    return yes;
  };
  const runToItsEnd = async (): Promise<void> => {
    const end = await run(parts, call, approve, controller.signal, () => stepTo('reading'));
    call.end = shownEnd(parts.secrets, end, request);
    stepTo('ended');
    listeners.clear();
  };
  call.ended = runToItsEnd();
  return call;
}

async function run(
  parts: CallTableParts,
  { callId, request }: Call,
  approve: Approver,
  signal: AbortSignal,
  onHead: () => void,
): Promise<CallEnd> {
  const { client, answers, credentials } = parts;
  const { method, url, headers, body, maxCostSats } = request;
  try {
    const init = { method, headers: headers.map(([name, value]): [string, string] => [name, value]), body, signal };
    const perCall = { approve, ...(maxCostSats === null ? {} : { maxCostSats }) };
    if (request.tool !== undefined) {
      const { result, payment } = await callTool(parts, request.tool, signal, perCall);
      onHead();
      const answer = await keep(answers, callId, { ...asResponse(answers, callId, result), payment });
      return { kind: 'answered', status: 200, url, payment, answer };
    }
    if (request.wants === 'credential') {
      credentials.prepare();
      const obtained = await client.obtain(url, init, perCall);
      // The token is not enumerable, so that no copy has it by mistake.
      return { kind: 'obtained', credential: { ...obtained, ...credentials.keep(obtained.token) } };
    }
    const result = await client.tryFetch(url, init, perCall);
    if (!result.ok) throw result.error;
    onHead();
    const { response, payment } = result;
    const answer = await keep(answers, callId, result);
    return { kind: 'answered', status: response.status, url: response.url, payment, answer };
  } catch (error) {
    return failed(
      placeRefused(error) ?? (error instanceof SatwayError ? error : new SatwayError('INTERNAL', { cause: error })),
    );
  }
}

async function keep(
  answers: AnswerFolder,
  callId: string,
  { response, parts, payment }: { response: Response; parts?: readonly KeptPart[]; payment: PaymentFacts | null },
): Promise<KeptAnswer> {
  try {
    return await answers.keep(callId, response, parts);
  } catch (cause) {
    throw payment === null ? new SatwayError('MCP_NOT_KEPT', { fundsMoved: 'no', cause }) : cause;
  }
}

/** Why there was no yes, where the reason is that nothing could be kept. */
function placeRefused(error: unknown): SatwayError | null {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each instanceof SatwayError && each.code === 'MCP_PLACE_UNUSABLE') return each;
  }
  return null;
}

async function callTool(
  { client, upstreams, secrets }: CallTableParts,
  { server, name, arguments: given }: ToolRequest,
  signal: AbortSignal,
  perCall: PerCallOptions,
): Promise<{ result: CallToolResult; payment: PaymentFacts | null }> {
  const upstream = upstreams.get(server);
  if (upstream === null) throw new SatwayError('MCP_UPSTREAM_UNKNOWN');
  const call = (meta: Readonly<Record<string, unknown>>, stop: AbortSignal) => {
    secrets.note(meta);
    return upstream.callTool({ tool: name, arguments: given, meta, signal: stop });
  };
  const tool = { origin: upstream.origin, tool: name, arguments: given, call };
  return client.callTool(tool, { signal }, perCall);
}

/** The result as a body, so that it is kept, shown and cut like every other answer; what of it is no text, in files. */
function asResponse(
  answers: AnswerFolder,
  callId: string,
  result: CallToolResult,
): { readonly response: Response; readonly parts: readonly KeptPart[] } {
  const parts: KeptPart[] = [];
  const shown = shownResult(result, (part) => {
    const kept = parts.length < MAX_PARTS ? answers.keepPart(callId, parts.length + 1, part) : null;
    if (kept === null) return null;
    parts.push(kept);
    return { part: parts.length, bytes: kept.byteLength };
  });
  return { response: Response.json(shown), parts };
}

/** What strangers have a say in beside the answer's body: where a redirect led, what is sold, and words in a failure. What cannot be searched is not told. */
function shownEnd({ strip }: SentSecrets, end: CallEnd, { url }: CallRequest): CallEnd {
  try {
    return strippedEnd(strip, end);
  } catch {
    if (end.kind === 'answered') return { ...end, url };
    return end.kind === 'failed' ? { ...end, message: 'What it says cannot be shown.' } : end;
  }
}

function strippedEnd(strip: SentSecrets['strip'], end: CallEnd): CallEnd {
  if (end.kind === 'answered') return { ...end, url: strip(end.url) };
  if (end.kind === 'failed') return { ...end, message: strip(end.message), nextStep: strip(end.nextStep) };
  const { scope, announcedCaveats } = end.credential;
  const sold = { scope: strip(scope), announcedCaveats: announcedCaveats?.map((each) => strip(each)) ?? null };
  return { ...end, credential: { ...end.credential, ...sold } };
}

function failed({ code, message, fundsMoved, nextStep, facts }: SatwayError): CallEnd {
  return { kind: 'failed', code, message, fundsMoved, nextStep, facts: facts ?? {} };
}
