import { redactText } from '@satway/base';

const LONGEST = 300;
/** What a terminal would act upon instead of showing it: control characters, line breaks of all kinds, and marks that turn the direction of writing. */
const UNSHOWABLE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/gu;

/** Somebody else's words for a message: on one line, without anything that looks like a secret, and cut. */
export function foreignWords(text: string, longest = LONGEST): string {
  // Cleaned before it is redacted, so that nothing invisible splits a secret; cut before that, since a body can be long.
  return redactText(text.slice(0, 4 * LONGEST).replaceAll(UNSHOWABLE, ' '))
    .slice(0, longest)
    .trim();
}
