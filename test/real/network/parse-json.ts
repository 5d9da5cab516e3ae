/** Reads an answer whose shape the test knows; what does not fit shows itself in the assertions. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller names the shape it reads
export function parseJson<T>(text: string): T {
  const value: T = JSON.parse(text);
  return value;
}
