// Runs the buyer against peers that lie, and tells for each case what was paid and what was approved; see USAGE.
import { hostileCases } from './cases/index.mjs';
import { openNaiveBuyer } from './naive-buyer.mjs';
import { openRealBuyer } from './real-buyer.mjs';
import { runCase } from './run-case.mjs';

const USAGE = `npm run -s hostile -- [--json] [--case TEXT] [--naive] [--list]

Runs the client against servers and wallets that lie, over real sockets. What was paid comes from the wallet's books; what leaked, from what the servers received.

  --json       a line of JSON for each case, and {"cases":…,"overpaid":0,"leaked":0} as the last; a table without it
  --case TEXT  only the cases with TEXT in their names
  --naive      runs a buyer that believes everything instead, to see what the cases catch
  --list       names the cases

Exit code 1 when a case overpaid or leaked, or did not come out as it should.
`;
/** A case waits for sockets more than it works. */
const AT_ONCE = 6;

function readArguments(args) {
  const options = { json: false, naive: false, list: false, help: false, part: '' };
  for (let index = 0; index < args.length; index++) {
    const name = args[index];
    if (['--json', '--naive', '--list', '--help'].includes(name)) options[name.slice(2)] = true;
    else if (name === '--case' && args[index + 1] !== undefined) options.part = args[++index];
    else throw new TypeError(`${name} is not known; see --help`);
  }
  return options;
}

async function runAll(cases, makeBuyer, tell) {
  const results = [];
  const waiting = [...cases];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const result = await runCase(next, makeBuyer);
      results.push(result);
      tell(result);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return results;
}

/** A line says more only where something is wrong. */
function tellAsJson({ case: name, paidMsat, approvedMsat, outcome, overpaid, leaks, problem }) {
  const more = {
    ...(overpaid ? { overpaid } : {}),
    ...(leaks.length > 0 ? { leaks } : {}),
    ...(problem === null ? {} : { problem }),
  };
  say(JSON.stringify({ case: name, paidMsat, approvedMsat, outcome, ...more }));
}

function tellAsTable({ case: name, paidMsat, approvedMsat, outcome, overpaid, leaks, problem }) {
  const mark = overpaid ? 'OVERPAID' : leaks.length > 0 ? 'LEAKED' : problem === null ? 'held' : 'FAILED';
  say(
    `${mark.padEnd(9)} paid ${String(paidMsat).padStart(11)} of ${String(approvedMsat).padStart(9)} msat  ${name} → ${outcome}`,
  );
  for (const line of [...leaks, ...(problem === null ? [] : [problem])]) say(`          ${line}`);
}

function say(line) {
  process.stdout.write(`${line}\n`);
}

async function main(options) {
  if (options.help) return say(USAGE.trimEnd());
  const cases = hostileCases.filter(({ name }) => name.includes(options.part));
  if (options.list) return cases.forEach(({ name }) => say(name));
  const makeBuyer = options.naive ? openNaiveBuyer : openRealBuyer;
  // How a call of a naive buyer ends says nothing.
  const asked = options.naive ? cases.map((each) => ({ ...each, expect: /(?:)/ })) : cases;
  const results = await runAll(asked, makeBuyer, options.json ? tellAsJson : tellAsTable);
  const overpaid = results.filter((result) => result.overpaid).length;
  const leaked = results.filter(({ leaks }) => leaks.length > 0).length;
  const failed = results.filter(({ problem }) => problem !== null).length;
  say(
    options.json
      ? JSON.stringify({ cases: results.length, overpaid, leaked })
      : `${results.length} cases, ${overpaid} overpaid, ${leaked} leaked`,
  );
  if (failed > 0) process.stderr.write(`${failed} of ${results.length} cases did not come out as they should\n`);
  process.exitCode = overpaid + leaked + failed === 0 && results.length > 0 ? 0 : 1;
}

// The vault's key lies beside the store of each case; what may be reached, each case says itself.
process.env.SATWAY_KEYCHAIN = 'off';
delete process.env.SATWAY_ALLOW_HOSTS;
delete process.env.SSRF_ALLOW_PRIVATE;
await main(readArguments(process.argv.slice(2)));
