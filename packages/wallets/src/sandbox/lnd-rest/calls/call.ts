import type { SandboxLightning } from '../../network/index.js';
import type { LineStream, LndAnswer } from '../answer.js';
import type { Permission } from '../../../lnd-macaroon/index.js';
import type { Fields } from '../request-fields.js';

/** One call, authorised and read. */
export interface Call {
  readonly lightning: SandboxLightning;
  /** The node that the macaroon names. */
  readonly node: string;
  /** What the path holds after its fixed part, decoded. */
  readonly argument: string;
  readonly query: URLSearchParams;
  readonly fields: Fields;
}

/** `breakOff`: the connection is closed without an answer, as a fault says. */
export type UnaryOutcome = LndAnswer | 'breakOff';

interface RouteBase {
  readonly method: 'GET' | 'POST';
  /** Whole path; a last segment `*` is the argument. */
  readonly path: string;
  /** `null`: needs no macaroon. */
  readonly permission: Permission | null;
  /** The fields of its JSON body. */
  readonly fields: readonly string[];
}

/** A call with one JSON answer. */
export interface UnaryRoute extends RouteBase {
  readonly kind: 'unary';
  answer(call: Call): UnaryOutcome | Promise<UnaryOutcome>;
}

/** A call that answers in JSON lines. `prepare` refuses what the REST front itself refuses, before any line. */
export interface StreamRoute extends RouteBase {
  readonly kind: 'stream';
  prepare?(call: Call): LndAnswer | null;
  stream(call: Call, lines: LineStream): void;
}

export type LndRoute = UnaryRoute | StreamRoute;
