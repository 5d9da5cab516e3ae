import type { ServerResponse } from 'node:http';

/** The gRPC codes that LND's REST front uses. */
export type GrpcCode = 2 | 3 | 5 | 6 | 12;

/** A refusal, in LND's words. */
export interface LndRefusal {
  readonly ok: false;
  readonly code: GrpcCode;
  readonly message: string;
}

/** What a unary call answers. */
export type LndAnswer = { readonly ok: true; readonly body: unknown } | LndRefusal;

const HTTP_STATUS: Readonly<Record<GrpcCode, number>> = { 2: 500, 3: 400, 5: 404, 6: 409, 12: 501 };

export function refusal(code: GrpcCode, message: string): LndRefusal {
  return { ok: false, code, message };
}

export function answer(body: unknown): LndAnswer {
  return { ok: true, body };
}

/** A whole JSON body with its length. */
export function writeUnary(response: ServerResponse, result: LndAnswer): void {
  const status = result.ok ? 200 : HTTP_STATUS[result.code];
  const body = result.ok ? result.body : errorBody(result);
  writeJson(response, status, body);
}

export function writeJson(response: ServerResponse, status: number, body: unknown): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': bytes.length });
  response.end(bytes);
}

function errorBody({ code, message }: LndRefusal): Record<string, unknown> {
  return { code, message, details: [] };
}

/** A stream of JSON lines, chunked. No header goes out before the first line, as with a real node. */
export class LineStream {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  result(message: unknown): void {
    this.#begin(200);
    this.#response.write(`${JSON.stringify({ result: message })}\n`);
  }

  /** The first half of a line, then the connection is gone. */
  cut(message: unknown): void {
    this.#begin(200);
    const line = JSON.stringify({ result: message });
    this.#response.write(line.slice(0, Math.floor(line.length / 2)), () => this.breakOff());
  }

  /** Gone at once, whatever was written before. */
  breakOff(): void {
    this.#response.destroy();
  }

  fail(error: LndRefusal): void {
    this.#begin(HTTP_STATUS[error.code]);
    this.#response.end(`${JSON.stringify({ error: errorBody(error) })}\n`);
  }

  end(): void {
    this.#response.end();
  }

  onGone(listener: () => void): void {
    this.#response.once('close', listener);
  }

  get isGone(): boolean {
    return this.#response.destroyed;
  }

  #begin(status: number): void {
    if (!this.#response.headersSent) this.#response.writeHead(status, { 'Content-Type': 'application/json' });
  }
}
