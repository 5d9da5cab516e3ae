/** A stranger's text, in quotation marks: what could move the cursor or turn the direction of writing is replaced. */
export function plainText(text: string): string {
  return JSON.stringify(text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{fffd}'));
}
