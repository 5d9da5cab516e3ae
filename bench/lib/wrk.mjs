import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CORES, runOn } from './processes.mjs';

/** Prints what a run did as one JSON line, answers by class of status included. */
const DONE = `
function done(summary, latency)
  io.write(string.format('{"requests":%d,"micros":%d,"non2xx":%d,"socketErrors":%d,"p50Us":%d,"p99Us":%d}\\n',
    summary.requests, summary.duration, summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
`;

const folder = mkdtempSync(join(tmpdir(), 'satway-bench-'));
let scripts = 0;

/**
 * Loads a server from the other core.
 *
 * @param options - `url`, `connections`, `seconds`, `headers`, and `lua`: a script that makes each request.
 * @returns requests, per second, errors and latencies.
 */
export async function load({ url, connections = 64, seconds = 3, headers = {}, lua = '' }) {
  const script = join(folder, `script-${scripts++}.lua`);
  writeFileSync(script, `${lua}\n${DONE}`);
  const headerArgs = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const args = [
    '-t',
    '1',
    '-c',
    String(connections),
    '-d',
    `${Math.max(1, Math.round(seconds))}s`,
    '--timeout',
    '10s',
    ...headerArgs,
    '-s',
    script,
    url,
  ];
  const output = await runOn(CORES.others, 'wrk', args);
  const line = output.split('\n').find((text) => text.startsWith('{'));
  const result = JSON.parse(line ?? '{}');
  return { ...result, perSecond: result.requests / (result.micros / 1e6) };
}

/** A script that sends each line of a file once as the value of a header; when they are used up, the last one again. */
export function oncePerLine(file, header) {
  return `
local values = {}
for line in io.lines(${JSON.stringify(file)}) do values[#values + 1] = line end
local next_one = 0
function request()
  next_one = next_one + 1
  if next_one > #values then next_one = #values end
  return wrk.format(nil, nil, {[${JSON.stringify(header)}] = values[next_one]})
end
`;
}

/** A script that gives each request an \`Idempotency-Key\` of its own with 128 random bits. */
export const FRESH_IDEMPOTENCY_KEYS = `
math.randomseed(os.time())
local counter = math.random(1, 1000000)
function request()
  counter = counter + 1
  local key = string.format('%08x%08x%08x%08x', math.random(0, 4294967295), math.random(0, 4294967295), math.random(0, 4294967295), counter)
  return wrk.format(nil, nil, {['Idempotency-Key'] = key})
end
`;
