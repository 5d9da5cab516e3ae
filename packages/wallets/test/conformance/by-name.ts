/** Rows for `it.each('%s')`, which shows a name whole where `$name` cuts it off. */
export function byName<Case extends { readonly name: string }>(cases: readonly Case[]): (readonly [string, Case])[] {
  return cases.map((each) => [each.name, each] as const);
}
