import { SatwayError } from '@satway/base';

const NEWLINE = 0x0a;

/**
 * Cuts a stream into lines, wherever its chunks were split. What follows the last newline of a stream that ended well is a line too: a
 * unary answer has none.
 *
 * @param maxLineBytes - a longer line ends the reading, before any more of it is kept.
 * @throws {SatwayError} `WALLET_ANSWER_INVALID` for a line too long, and whatever the stream throws.
 */
export async function* readLines(body: AsyncIterable<Uint8Array>, maxLineBytes: number): AsyncGenerator<string> {
  let kept: Uint8Array[] = [];
  let keptBytes = 0;
  for await (const chunk of body) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      if (keptBytes + end - start > maxLineBytes) throw lineTooLong();
      yield Buffer.concat([...kept, chunk.subarray(start, end)]).toString('utf8');
      kept = [];
      keptBytes = 0;
      start = end + 1;
    }
    kept.push(chunk.subarray(start));
    keptBytes += chunk.length - start;
    if (keptBytes > maxLineBytes) throw lineTooLong();
  }
  if (keptBytes > 0) yield Buffer.concat(kept).toString('utf8');
}

function lineTooLong(): SatwayError {
  return new SatwayError('WALLET_ANSWER_INVALID', { detail: 'A line of the answer is too long.' });
}
