import type { LndNode } from '../network/index.js';

/** One exchange with a real lnd; the body as it came, byte for byte. */
export interface RecordedAnswer {
  /** Also the name of the file. */
  readonly name: string;
  /** What was the case on the node. */
  readonly about: string;
  readonly request: { readonly method: string; readonly path: string; readonly body?: unknown };
  readonly answer: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
}

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  /** Another macaroon than the admin's; empty for none. */
  readonly macaroonHex?: string;
}

/** Collects answers in the order in which they were asked for. */
export class Recorder {
  readonly answers: RecordedAnswer[] = [];

  async record(name: string, about: string, node: LndNode, call: Call): Promise<string> {
    const { status, headers, body } = await node.ask(call.method, call.path, call.body, call.macaroonHex);
    this.#keep(name, about, call, { status, headers: keptHeaders(headers), body });
    return body;
  }

  /** Of an answer that stays open: the first lines, then leaves. `meanwhile` runs once the answer has begun. */
  async recordLines(
    name: string,
    about: string,
    node: LndNode,
    call: Call,
    count: number,
    meanwhile: () => Promise<unknown> = async () => undefined,
  ): Promise<void> {
    // lnd sends no headers before there is a line, so the events have to happen while we wait for them.
    const opening = node.listen(call.method, call.path, call.body, call.macaroonHex);
    const [stream] = await Promise.all([opening, meanwhile()]);
    let body = '';
    for (let lines = 0; lines < count; lines += 1) body += `${(await stream.nextLine()) ?? ''}\n`;
    stream.close();
    this.#keep(name, about, call, { status: stream.status, headers: keptHeaders(stream.headers), body });
  }

  #keep(name: string, about: string, { method, path, body }: Call, answer: RecordedAnswer['answer']): void {
    this.answers.push({ name, about, request: { method, path, ...(body === undefined ? {} : { body }) }, answer });
  }
}

/** Those that a client can depend on; `date` is lnd's clock. */
function keptHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const kept = ['content-type', 'content-length', 'transfer-encoding', 'date', 'trailer'];
  return Object.fromEntries(
    kept.flatMap((name) => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
}
