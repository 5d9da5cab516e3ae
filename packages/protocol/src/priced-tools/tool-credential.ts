import { isHex64 } from '../bytes/index.js';
import { MAX_MACAROON_TEXT_LENGTH } from '../macaroon/index.js';
import { EXTENSION_PREFIX } from '../names.js';
import { isPlainObject, own } from './own.js';

/** Where a call carries the proof that it is paid. */
export const TOOL_CREDENTIAL_KEY = `${EXTENSION_PREFIX}/credential`;

/** Both are secret. */
export interface ToolCredential {
  /** The macaroon, base64. */
  readonly token: string;
  /** 64 hex digits, lower case. */
  readonly preimageHex: string;
}

/** The proof as it stands under `TOOL_CREDENTIAL_KEY` in a request's `_meta`. */
export function formatToolCredential({ token, preimageHex }: ToolCredential): Readonly<Record<string, string>> {
  return { token, preimage: preimageHex.toLowerCase() };
}

/** The proof in a request's `_meta`: `null` where there is none, `'malformed'` for one that no seller can have sold. Either case of the preimage is taken. */
export function parseToolCredential(meta: unknown): ToolCredential | 'malformed' | null {
  const found = own(meta, TOOL_CREDENTIAL_KEY);
  if (found === undefined || found === null) return null;
  const token = own(found, 'token');
  const preimage = own(found, 'preimage');
  if (!isPlainObject(found) || typeof token !== 'string' || typeof preimage !== 'string') return 'malformed';
  const preimageHex = preimage.toLowerCase();
  const isWhole =
    token.length <= MAX_MACAROON_TEXT_LENGTH && /^[A-Za-z0-9+/_-]+={0,2}$/.test(token) && isHex64(preimageHex);
  return isWhole ? { token, preimageHex } : 'malformed';
}
