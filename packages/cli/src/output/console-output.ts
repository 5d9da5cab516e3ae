import { redactText, SatwayError } from '@satway/base';
import colors from 'picocolors';

/** Where a command writes. Facts go to stdout, so that they can be piped; talk and errors go to stderr. */
export interface Output {
  readonly json: boolean;
  /** A fact for programs, or a list of them: one line of JSON on stdout. Does nothing without `--json`. */
  event(event: Readonly<Record<string, unknown>> | readonly Readonly<Record<string, unknown>>[]): void;
  /** A line for people. Does nothing with `--json`. */
  line(text?: string): void;
  /** A line on stderr, in both forms. */
  note(text: string): void;
  /** Something that works, and should be mended: a line on stderr, as `{"warning": …}` with `--json`. */
  warn(text: string): void;
}

export interface OutputStreams {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

export function createOutput(json: boolean, streams: OutputStreams = process): Output {
  return {
    json,
    event: (event) => void (json && streams.stdout.write(`${JSON.stringify(event)}\n`)),
    line: (text = '') => void (json || streams.stdout.write(`${text}\n`)),
    note: (text) => void streams.stderr.write(`${text}\n`),
    warn: (text) =>
      void streams.stderr.write(
        json ? `${JSON.stringify({ warning: text })}\n` : `${colors.yellow('Warning:')} ${text}\n`,
      ),
  };
}

/** Tells a failure: one JSON object on stderr with `--json`, else what happened, whether funds moved, and what to do. */
export function reportError(error: unknown, output: Output): void {
  const known = error instanceof SatwayError ? error : new SatwayError('INTERNAL', { cause: error });
  if (output.json) return output.note(JSON.stringify(known));
  output.note(`${colors.red(known.code)} ${known.message}`);
  output.note(`Funds moved: ${known.fundsMoved}. ${known.nextStep}`);
  // Nobody of ours wrote these words.
  if (known.code === 'INTERNAL' && error instanceof Error) output.note(redactText(String(error.stack)));
}
