type Body = ReadableStream<Uint8Array>;

/** One answer's body for several readers, of whom each gets all of it. */
export interface SharedBody {
  /** A stream of the next reader's own. `last`: nobody comes after, so that nothing is kept for anybody. */
  take(last: boolean): Body | null;
  /** The last reader did not come. */
  giveUp(): void;
}

/** `null` stands for an answer without a body. */
export function shareBody(body: Body | null): SharedBody {
  let rest = body;
  return {
    take(last) {
      if (rest === null || last) return rest;
      const [mine, others] = rest.tee();
      rest = others;
      return mine;
    },
    // A branch is cancelled for good only when its sisters are; nobody waits for that.
    giveUp: () => void rest?.cancel().catch(() => undefined),
  };
}

/** How a reader's part in a body can end early, and what is told when it ended in whatever way. */
export interface BodyEnd {
  readonly signal: AbortSignal | null;
  readonly abortError: () => Error;
  /** Called once. */
  readonly onEnd: () => void;
}

/** The same stream, which breaks off at once when its reader's signal aborts. */
export function endingWith(body: Body, { signal, abortError, onEnd }: BodyEnd): Body {
  const reader = body.getReader();
  let open = true;
  let breakOff: () => void = () => undefined;
  const end = () => {
    if (!open) return;
    open = false;
    signal?.removeEventListener('abort', breakOff);
    onEnd();
  };
  const giveUp = (reason: unknown) => {
    // Not awaited: one branch of several is only gone when its sisters are.
    reader.cancel(reason).catch(() => undefined);
    end();
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        breakOff = () => {
          controller.error(abortError());
          giveUp(signal?.reason);
        };
        signal?.addEventListener('abort', breakOff);
      },
      async pull(controller) {
        const { done, value } = await reader.read().catch((error: unknown) => {
          end();
          throw error;
        });
        if (!open) return;
        if (!done) return controller.enqueue(value);
        end();
        controller.close();
      },
      cancel: giveUp,
    },
    { highWaterMark: 0 },
  );
}

/** The same answer with another body. */
export function copyOf(response: Response, body: ReadableStream<Uint8Array> | null): Response {
  const { status, statusText, headers } = response;
  const copy = new Response(body, { status, statusText, headers });
  Object.defineProperty(copy, 'url', { value: response.url });
  Object.defineProperty(copy, 'redirected', { value: response.redirected });
  return copy;
}
