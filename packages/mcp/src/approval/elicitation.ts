import type { Approval } from '@satway/client';
import type { CLIENT_CAPABILITIES_META_KEY, McpServer, ServerContext } from '@modelcontextprotocol/server';
import { describeApproval, formatSats } from './describe.js';

/** What the host puts before its person: the fields of `elicitation/create` in form mode. */
export interface ElicitationQuestion {
  readonly mode: 'form';
  readonly message: string;
  readonly requestedSchema: {
    readonly type: 'object';
    readonly properties: {
      readonly confirm: {
        readonly type: 'boolean';
        readonly title: string;
        readonly description: string;
        readonly default: false;
      };
    };
    readonly required: ['confirm'];
  };
}

/** Asks the host's person. What comes back is not believed to have any shape. Rejects where the host cannot be asked. */
export type Elicit = (question: ElicitationQuestion, limits: ElicitationLimits) => Promise<unknown>;

export interface ElicitationLimits {
  readonly timeoutMs: number;
  /** Aborts when the answer no longer counts. */
  readonly signal: AbortSignal;
}

/** The question about one purchase. */
export function elicitationFor(approval: Approval): ElicitationQuestion {
  const price = formatSats(approval.amountMsat);
  const lines = describeApproval(approval).map(({ label, value }) => `${label}: ${value}`);
  return {
    mode: 'form',
    message: [`Pay ${price} from your wallet?`, ...lines].join('\n'),
    requestedSchema: {
      type: 'object',
      properties: {
        confirm: {
          type: 'boolean',
          title: `Yes, pay ${price}`,
          description: 'This payment only. It cannot be undone.',
          default: false,
        },
      },
      required: ['confirm'],
    },
  };
}

/** Only an explicit accept with `confirm: true` is a yes. */
export function isYes(answer: unknown): boolean {
  if (!isRecord(answer) || answer['action'] !== 'accept') return false;
  const { content } = answer;
  return isRecord(content) && content['confirm'] === true;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Written out: commands that only describe approvals need not load the MCP library. */
const CAPABILITIES_KEY: typeof CLIENT_CAPABILITIES_META_KEY = 'io.modelcontextprotocol/clientCapabilities';

/** Whether the client that made this request says that it can put a form before its person; one that names no mode means forms. */
export function offersElicitation(server: McpServer, ctx: Pick<ServerContext, 'mcpReq'>): boolean {
  if (ctx.mcpReq.envelope !== undefined) return takesInputRequired(ctx);
  return declaresForms(server.server.getClientCapabilities());
}

/** Whether a request of revision 2026-07-28 may be answered with a form for the client's person. */
export function takesInputRequired({ mcpReq }: Pick<ServerContext, 'mcpReq'>): boolean {
  const envelope: unknown = mcpReq.envelope;
  return isRecord(envelope) && declaresForms(envelope[CAPABILITIES_KEY]);
}

function declaresForms(capabilities: unknown): boolean {
  const elicitation: unknown = isRecord(capabilities) ? capabilities['elicitation'] : undefined;
  return isRecord(elicitation) && ('form' in elicitation || !('url' in elicitation));
}

/**
 * For requests of protocol revisions up to 2025-11-25: asks by a request of its own, on the stream of the tool call. The answer counts also when the tool call
 * was answered by then.
 */
export function elicitByRequest({ mcpReq }: Pick<ServerContext, 'mcpReq'>): Elicit {
  return (question, { timeoutMs, signal }) =>
    mcpReq.send({ method: 'elicitation/create', params: { ...question } }, { timeout: timeoutMs, signal });
}

/**
 * For requests of protocol revision 2026-07-28, where a server asks by answering the tool call with `input_required` and is called again with the answer. The
 * purchase waits meanwhile; the tool takes the question here, and gives back what the client brings.
 */
export interface ElicitationSlot {
  readonly elicit: Elicit;
  /** Resolves when there is something to ask; never again after it was answered. */
  question(): Promise<ElicitationQuestion>;
  /** The client's answer, as it came. Only the first one counts. */
  answer(response: unknown): void;
}

export function createElicitationSlot(): ElicitationSlot {
  let ask: (question: ElicitationQuestion) => void = () => undefined;
  let answer: (response: unknown) => void = () => undefined;
  let isAnswered = false;
  const asked = new Promise<ElicitationQuestion>((resolve) => (ask = resolve));
  const answered = new Promise<unknown>((resolve) => (answer = resolve));
  return {
    question: () => (isAnswered ? new Promise(() => undefined) : asked),
    answer(response) {
      isAnswered = true;
      answer(response);
    },
    elicit: (question, { signal }) => {
      ask(question);
      return Promise.race([answered, aborted(signal)]);
    },
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
