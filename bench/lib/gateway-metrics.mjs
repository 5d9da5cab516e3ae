/** Reads counters from a gateway's `/metrics`. */
export async function readCounters(url, names) {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Object.fromEntries(
    names.map((name) => [name, Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)]),
  );
}
