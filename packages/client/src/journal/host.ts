/** As limits know an origin: a dot at the end of the name would be the same host under another name. */
export function hostOf(origin: string): string {
  return new URL(origin).host.replace(/\.(?=:|$)/, '');
}
