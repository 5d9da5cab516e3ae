import { readFileSync } from 'node:fs';
import { SatwayError } from '@satway/base';

/** What the curl-like options of `satway pay` say, as the parser of the command line hands them over. */
export interface CurlOptions {
  readonly request?: string;
  readonly data?: string;
  readonly header?: readonly string[];
}

/** A request as the client takes it. */
export interface RequestToSend {
  readonly method: string;
  readonly headers: Headers;
  readonly body: string | Uint8Array<ArrayBuffer> | null;
}

/**
 * Reads the options as curl would: `-d` makes a POST, `-d @file` sends the file's bytes as they are, `-d @-` what stands on stdin.
 *
 * @throws {SatwayError} `CLI_USAGE`; a header's value is not repeated in it.
 */
export function readCurlOptions(options: CurlOptions): RequestToSend {
  const body = options.data === undefined ? null : readData(options.data);
  const headers = readHeaders(options.header ?? []);
  if (body !== null && !headers.has('content-type')) headers.set('content-type', 'application/x-www-form-urlencoded');
  return { method: options.request ?? (body === null ? 'GET' : 'POST'), headers, body };
}

function readData(data: string): string | Uint8Array<ArrayBuffer> {
  if (!data.startsWith('@')) return data;
  const file = data.slice(1);
  try {
    return new Uint8Array(readFileSync(file === '-' ? 0 : file));
  } catch (cause) {
    throw new SatwayError('CLI_USAGE', { detail: `The file of -d cannot be read: ${file}.`, cause });
  }
}

function readHeaders(lines: readonly string[]): Headers {
  const headers = new Headers();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim();
    if (colon < 1) throw new SatwayError('CLI_USAGE', { detail: 'A header of -H must read "Name: value".' });
    try {
      headers.append(name, line.slice(colon + 1).trim());
    } catch {
      // Without the cause, which quotes the value.
      throw new SatwayError('CLI_USAGE', { detail: `The header of -H named ${JSON.stringify(name)} is not a header.` });
    }
  }
  return headers;
}
