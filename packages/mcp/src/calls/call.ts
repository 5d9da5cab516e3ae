import type { ErrorCode, FundsMoved } from '@satway/base';
import type { Approval, ApprovalRequest, ObtainedCredential, PaymentFacts } from '@satway/client';
import type { ElicitationSlot } from '../approval/index.js';
import type { KeptAnswer } from './answer-folder.js';
import type { KeptCredential } from './credential-folder.js';

/** What a tool wants to be sent. */
export interface CallRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | null;
  /** Whole satoshis, fees included; `null`: what the settings allow. */
  readonly maxCostSats: number | null;
  /** `credential`: it is bought and handed over, not used. Default: the answer. */
  readonly wants?: 'credential';
  /** A tool of another MCP server, in place of an HTTP request; then `url` is what people are shown. */
  readonly tool?: ToolRequest;
}

/** One call of another server's tool. */
export interface ToolRequest {
  readonly server: string;
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** How far a call has come. Until `paying` nothing has been sent to the wallet. */
export type CallStep = 'asking' | 'priced' | 'waiting' | 'paying' | 'reading' | 'ended';

/** A credential that was bought and lies in a file; its token is in none of these. */
export interface BoughtCredential extends Omit<ObtainedCredential, 'token'>, KeptCredential {}

/** How a call ended. */
export type CallEnd =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** Where the answer came from, after redirects. */
      readonly url: string;
      readonly payment: PaymentFacts | null;
      readonly answer: KeptAnswer;
    }
  | { readonly kind: 'obtained'; readonly credential: BoughtCredential }
  | {
      readonly kind: 'failed';
      readonly code: ErrorCode;
      readonly message: string;
      readonly fundsMoved: FundsMoved;
      readonly nextStep: string;
      readonly facts: Readonly<Record<string, unknown>>;
    };

/** A tool's part in a call that it waits for; exactly one of the two ends it. */
export interface Attendance {
  /** The tool has answered; the call goes on, whoever leaves. */
  answered(): void;
  /** Whoever asked has left: the last who leaves gives the call up, unless somebody was told to ask about it later. */
  left(reason: unknown): void;
}

/** One call, which goes on when the tool that started it has answered already. */
export interface Call {
  readonly callId: string;
  readonly request: CallRequest;
  readonly startedAtMs: number;
  readonly step: CallStep;
  /** What the seller asks for, once it is known. */
  readonly quoted: ApprovalRequest | null;
  /** The question that a person is asked, where one is. */
  readonly approval: Approval | null;
  /** Where the client is asked by the answer to its tool call; `null` where it is not asked so. */
  readonly slot: ElicitationSlot | null;
  /** `null` while it runs. */
  readonly end: CallEnd | null;
  /** Resolves when `end` is there. */
  readonly ended: Promise<void>;
  /** Tells of every step from now on. Returns how to stop listening. */
  onStep(listener: (step: CallStep) => void): () => void;
  /** One more tool waits for it. */
  attend(): Attendance;
  /** Gives up what has not been paid for yet; what has goes on, so that nothing paid is lost. */
  cancel(reason: unknown): void;
}
