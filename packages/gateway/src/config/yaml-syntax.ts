import type { ErrorCode, LineCounter, YAMLError } from 'yaml';

/**
 * What the parser has against a text, as `line:column (file) message`. Its own messages quote the text, which may hold a secret (`password: !hunter2` is
 * a tag to YAML); so only its codes are used, and the words are ours.
 */
export function syntaxMistakesIn(errors: readonly YAMLError[], lines: LineCounter): string[] {
  return errors.map(({ pos, code }) => describePlace(lines, pos[0], IN_WORDS[code]));
}

/** `line:column (file) message`. */
export function describePlace(lines: LineCounter, offset: number, message: string): string {
  const { line, col } = lines.linePos(offset);
  return `${line}:${col} (file) ${message}`;
}

const TOO_DEEP = 'is nested too deeply';
const BAD_TAG = 'a tag (!name) that is not known here; put a text that begins with ! into quotes';
const BAD_PROPERTIES =
  'anchors (&name) and tags (!name) stand here as they cannot; put a text that begins so into quotes';

const IN_WORDS: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: BAD_PROPERTIES,
  BAD_ALIAS: 'an anchor (&name) or a reference (*name) without a name; put a text that begins so into quotes',
  BAD_COLLECTION_TYPE: BAD_TAG,
  BAD_DIRECTIVE: 'a line that begins with % and says nothing that is known here',
  BAD_DQ_ESCAPE: 'a backslash that means nothing in double quotes; use single quotes',
  BAD_INDENT: 'is indented differently from what it belongs to, or not at all',
  BAD_PROP_ORDER: BAD_PROPERTIES,
  BAD_SCALAR_START: 'a text cannot begin with this character; put it into quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a second key on one line; put it on a line of its own, or a text with a colon into quotes',
  BLOCK_IN_FLOW: 'lines that count by their indentation cannot stand between brackets',
  DUPLICATE_KEY: 'a key that stands here already',
  IMPOSSIBLE: 'cannot be read',
  KEY_OVER_1024_CHARS: 'a key of more than 1024 characters',
  MISSING_CHAR: 'something is missing: a closing quote or bracket, a comma, a colon, a space or an indentation',
  MULTILINE_IMPLICIT_KEY: 'a key must stand on one line, with a colon behind it',
  MULTIPLE_ANCHORS: BAD_PROPERTIES,
  MULTIPLE_DOCS: 'a second document begins; a file holds one',
  MULTIPLE_TAGS: BAD_PROPERTIES,
  NON_STRING_KEY: 'a key that is no text',
  RESOURCE_EXHAUSTION: TOO_DEEP,
  TAB_AS_INDENT: 'tabs do not indent; use spaces',
  TAG_RESOLVE_FAILED: BAD_TAG,
  UNEXPECTED_TOKEN: 'what stands here cannot stand here; put a text with such characters into quotes',
};
