/** A body as far as it was read. */
export interface ReadBody {
  readonly bytes: Uint8Array;
  /** There was more than was read. */
  readonly isCut: boolean;
  /** It ended before its end. */
  readonly brokeOff: boolean;
}

/** Reads a body up to a size and gives the rest up. What arrived was paid for, so a body that breaks is not thrown away. */
export async function readBody(body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<ReadBody> {
  if (body === null) return { bytes: new Uint8Array(), isCut: false, brokeOff: false };
  const chunks: Uint8Array[] = [];
  let room = maxBytes;
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { bytes: Buffer.concat(chunks), isCut: false, brokeOff: false };
      chunks.push(value.subarray(0, room));
      if (value.length > room) {
        await reader.cancel();
        return { bytes: Buffer.concat(chunks), isCut: true, brokeOff: false };
      }
      room -= value.length;
    }
  } catch {
    return { bytes: Buffer.concat(chunks), isCut: false, brokeOff: true };
  }
}
