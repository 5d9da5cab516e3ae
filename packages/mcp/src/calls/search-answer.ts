import type { SentSecrets } from '../secrets/index.js';
import { charsetOf, isText, plainMimeType } from './mime-type.js';

/** An answer's body without the proofs of payment that a seller may repeat in it. */
export interface SearchedAnswer {
  readonly bytes: Uint8Array;
  /** `null` for what is no text. */
  readonly text: string | null;
  readonly mimeType: string;
  readonly charset: string;
  /** It could not be searched: these are the bytes as they came, which nobody but a person may see. */
  readonly isWithheld: boolean;
}

/** Never throws: it was paid for, whatever is wrong with it. */
export function searchAnswer(
  secrets: Pick<SentSecrets, 'strip'>,
  sent: Uint8Array,
  contentType: string,
): SearchedAnswer {
  try {
    return search(secrets, sent, secrets.strip(contentType));
  } catch {
    return { bytes: sent, text: null, mimeType: plainMimeType(''), charset: charsetOf(null), isWithheld: true };
  }
}

/** It would be in the conversation, in a file and on every later page. */
function search({ strip }: Pick<SentSecrets, 'strip'>, sent: Uint8Array, contentType: string): SearchedAnswer {
  const mimeType = plainMimeType(contentType);
  const charset = charsetOf(contentType);
  if (!isText(mimeType, sent)) {
    const plain = Buffer.from(sent).toString('latin1');
    // As long as it was, so that everything behind it stays in its place.
    const stripped = strip(plain, (secret) => '*'.repeat(secret.length));
    const bytes = stripped === plain ? sent : Buffer.from(stripped, 'latin1');
    return { bytes, text: null, mimeType, charset, isWithheld: false };
  }
  const text = new TextDecoder(charset).decode(sent);
  const stripped = strip(text);
  if (stripped === text) return { bytes: sent, text, mimeType, charset, isWithheld: false };
  return { bytes: Buffer.from(stripped), text: stripped, mimeType, charset: 'utf-8', isWithheld: false };
}
