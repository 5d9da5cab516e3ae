/**
 * PostgreSQL array literals. One text parameter per column travels alike through every driver, and costs less than a list of values
 * that the driver quotes one by one.
 */

/** Elements that need no quoting: numbers, UUIDs, `t` and `f`. */
export function plainArray(elements: readonly (string | number | null)[]): string {
  return `{${elements.map((element) => element ?? 'NULL').join(',')}}`;
}

/** `bytea[]` from hex digits. */
export function byteaArray(hexes: readonly (string | null)[]): string {
  return `{${hexes.map((hex) => (hex === null ? 'NULL' : `"\\\\x${hex}"`)).join(',')}}`;
}

/** `text[]` of any text without NUL. */
export function textArray(texts: readonly (string | null)[]): string {
  return `{${texts.map((text) => (text === null ? 'NULL' : quoted(text))).join(',')}}`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
