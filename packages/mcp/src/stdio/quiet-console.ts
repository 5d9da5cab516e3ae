/**
 * From here on nothing in this process says anything by `console`: on stdio, stdout belongs to the protocol, and stderr is where a person is told what to
 * approve. Libraries log strangers' words there as they came, line breaks and escapes included, and could pose as us.
 *
 * What went wrong comes back as an error of a call, which says it with our own words.
 */
export function quietConsole(): void {
  for (const name of Object.keys(console)) {
    const method: unknown = Reflect.get(console, name);
    if (typeof method === 'function') Reflect.set(console, name, () => undefined);
  }
}
