const ENDINGS: Readonly<Record<string, string>> = {
  'application/json': '.json',
  'application/pdf': '.pdf',
  'application/zip': '.zip',
  'audio/mpeg': '.mp3',
  'audio/wav': '.wav',
  'image/gif': '.gif',
  'image/jpeg': '.jpg',
  'image/png': '.png',
  'image/webp': '.webp',
  'text/csv': '.csv',
  'text/html': '.html.txt',
  'text/plain': '.txt',
  'video/mp4': '.mp4',
};

/** Types that are text although they are not called so. */
const TEXTS =
  /^(?:text\/|application\/(?:json|xml|javascript|yaml|x-yaml|x-www-form-urlencoded|x-ndjson)$)|\+(?:json|xml|yaml)$/;

/** The type alone, in small letters; what is no type counts as bytes of any kind. */
export function plainMimeType(contentType: string): string {
  const [type = ''] = contentType.toLowerCase().split(';');
  return /^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}$/.test(type.trim())
    ? type.trim()
    : 'application/octet-stream';
}

/** The encoding that a type names, where it is one that can be read; else UTF-8. */
export function charsetOf(contentType: string | null): string {
  const named = /;\s*charset\s*=\s*"?([a-z0-9_.:-]{1,40})"?/i.exec(contentType ?? '')?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(named).encoding;
  } catch {
    return 'utf-8';
  }
}

/** Whether bytes can be shown: by their type, or, where that says nothing, because they are UTF-8 without a NUL. */
export function isText(mimeType: string, bytes: Uint8Array): boolean {
  if (TEXTS.test(mimeType)) return true;
  if (mimeType !== 'application/octet-stream' || bytes.includes(0)) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** What a file of this type is called at its end. Nothing that a double click would run. */
export function fileEnding(mimeType: string): string {
  return Object.hasOwn(ENDINGS, mimeType) ? (ENDINGS[mimeType] ?? '.bin') : TEXTS.test(mimeType) ? '.txt' : '.bin';
}
