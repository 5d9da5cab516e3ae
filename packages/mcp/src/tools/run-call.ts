import {
  type CallToolResult,
  inputRequired,
  type InputRequiredResult,
  type McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { SatwayError } from '@satway/base';
import {
  createElicitationSlot,
  elicitByRequest,
  type ElicitationQuestion,
  offersElicitation,
  takesInputRequired,
} from '../approval/index.js';
import { type Call, type CallRequest, waitForCall } from '../calls/index.js';
import type { CallRound, SatwayContext } from '../context/index.js';
import { callResult } from './call-result.js';
import { tellProgress } from './progress.js';

/** What a tool that pays answers: its result, or that the client has to ask its person first. */
export type ToolAnswer = CallToolResult | InputRequiredResult;

/** A call, and whether somebody else had started it. */
export interface Attended {
  readonly call: Call;
  readonly isJoined: boolean;
}

/** Under which the question goes out and the answer comes back. */
const QUESTION_KEY = 'approval';

/**
 * Starts a call whose payment the client's person is asked about, where the client offers that. The same request again while one is under way would be paid
 * twice: whoever asks again gets the one that runs.
 *
 * @throws {SatwayError} `MCP_CALLS_FULL`; `PURCHASE_UNDER_WAY` where the one that runs may cost more than this one allows.
 */
export function startCall(
  context: SatwayContext,
  server: McpServer,
  request: CallRequest,
  ctx: ServerContext,
): Attended {
  const running = context.calls.findRunning(request);
  if (running !== null) return { call: joined(running, request), isJoined: true };
  const offers = offersElicitation(server, ctx);
  // Requests of revision 2026-07-28 carry an envelope, and there a server cannot ask by a request of its own.
  const slot = offers && ctx.mcpReq.envelope !== undefined ? createElicitationSlot() : null;
  const elicit = slot?.elicit ?? (offers ? elicitByRequest(ctx) : undefined);
  const call = context.calls.start(request, (asking) => context.approverFor(asking, elicit), slot);
  return { call, isJoined: false };
}

function joined(running: Call, { maxCostSats }: CallRequest): Call {
  const allowed = running.request.maxCostSats ?? Number.POSITIVE_INFINITY;
  if (allowed <= (maxCostSats ?? Number.POSITIVE_INFINITY)) return running;
  throw new SatwayError('PURCHASE_UNDER_WAY', {
    detail: `The same call is under way as ${running.callId} and may cost more; ask payment_status about it.`,
  });
}

/**
 * The call to which a client comes back with its person's answer; `null` for a first request. The library has checked the seal by now.
 *
 * @throws {SatwayError} `MCP_CALL_UNKNOWN`.
 */
export function resumeCall(context: SatwayContext, { mcpReq }: ServerContext): Attended | null {
  const round = mcpReq.requestState<CallRound>();
  if (round === undefined) return null;
  const call = context.calls.get(round.callId);
  if (call === null) throw new SatwayError('MCP_CALL_UNKNOWN');
  call.slot?.answer(mcpReq.inputResponses?.[QUESTION_KEY]);
  return { call, isJoined: round.isJoined };
}

/** Waits for a call as long as a tool may, and tells how far it came. */
export async function waitAndTell(
  context: SatwayContext,
  attended: Attended,
  ctx: ServerContext,
  withinMs = context.settings.answerWithinMs,
): Promise<ToolAnswer> {
  const { call, isJoined } = attended;
  const stopTelling = tellProgress(call, ctx);
  const attendance = call.attend();
  const waited = await waitOrAsk(call, ctx, withinMs);
  stopTelling();
  if (waited === 'left') attendance.left(ctx.mcpReq.signal.reason);
  else attendance.answered();
  if (typeof waited === 'object') return askThrough(context, attended, waited);
  return callResult(context, call, { isJoined });
}

async function waitOrAsk(call: Call, ctx: ServerContext, withinMs: number) {
  const { mcpReq } = ctx;
  const done = new AbortController();
  const signal = AbortSignal.any([mcpReq.signal, done.signal]);
  // Who comes back with an answer has been told already that a person is waited for.
  const untilWaiting = mcpReq.requestState() === undefined;
  const waiting = waitForCall(call, { withinMs, signal, untilWaiting });
  try {
    // Whoever has joined another client's call may be no client for forms.
    const asks = call.slot !== null && takesInputRequired(ctx);
    return await (asks ? Promise.race([waiting, call.slot.question()]) : waiting);
  } finally {
    done.abort();
  }
}

async function askThrough(
  { rounds }: SatwayContext,
  { call: { callId }, isJoined }: Attended,
  question: ElicitationQuestion,
): Promise<InputRequiredResult> {
  return inputRequired({
    inputRequests: { [QUESTION_KEY]: inputRequired.elicit({ ...question }) },
    requestState: await rounds.mint({ callId, isJoined }),
  });
}
