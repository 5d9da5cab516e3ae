import { SatwayError } from '@satway/base';

/** A host that may be reached whatever its address. */
interface NamedHost {
  readonly hostname: string;
  /** `null`: every port. */
  readonly port: string | null;
}

const PORT = /^\d{1,5}$/;

/**
 * Reads hosts that may be reached although their addresses are private: `host` or `host:port`, IPv6 in brackets. A port that is named
 * allows that port alone.
 *
 * @throws {SatwayError} `EGRESS_HOSTS_INVALID`, with the entry that cannot be read.
 */
export function readHostList(entries: readonly string[]): (hostname: string, port: string) => boolean {
  const hosts = entries.map(readEntry);
  return (hostname, port) => {
    const wanted = normalHostname(hostname);
    return hosts.some((host) => host.hostname === wanted && (host.port === null || host.port === port));
  };
}

function readEntry(entry: string): NamedHost {
  const text = entry.trim();
  const [, hostText = '', portText] = /^(\[[^\]]*\]|[^:[\]]+)(?::(.*))?$/.exec(text) ?? [];
  const isPort = portText === undefined || (PORT.test(portText) && Number(portText) >= 1 && Number(portText) <= 65_535);
  if (hostText === '' || !isPort || !URL.canParse(`http://${hostText}/`)) {
    throw new SatwayError('EGRESS_HOSTS_INVALID', { detail: JSON.stringify(text.slice(0, 100)) });
  }
  const url = new URL(`http://${hostText}/`);
  if (url.href !== `http://${url.hostname}/`) {
    throw new SatwayError('EGRESS_HOSTS_INVALID', { detail: JSON.stringify(text.slice(0, 100)) });
  }
  return { hostname: normalHostname(url.hostname), port: portText === undefined ? null : String(Number(portText)) };
}

/** As a URL writes it, without brackets and without the dot at the end that says "from the root". */
export function normalHostname(hostname: string): string {
  return hostname
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();
}
