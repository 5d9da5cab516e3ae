// The command line of a crash run.

export const USAGE = `npm run -s crash -- [options]

Buys for real while buyers and the gateway are killed for real, and then compares the wallet's books with the journal and the ledger.
Exit code 1 when money was lost, paid twice, left unresolved, or spent above a limit; 2 when called wrongly.

  --purchases N          logical calls to make (100)
  --processes N          buyers, each a process of its own, on one store (1)
  --seed N               whence everything random comes (1)
  --budget-sats N        one budget for all of them; prices are chosen so that the calls cost a little more than that
  --per-minute-sats N    what may be spent in any minute
  --per-host-sats N      what may be spent with one host in a day; the gateway then has two names
  --clock-speed N        the ledger's clock runs so many times faster than the wall's, so that minutes pass in a short run (1)
  --store postgres|pglite  where the gateway keeps its claims (postgres)
  --json                 tells every kill and refusal as a line of JSON; the last line is the same without it
  --help                 this text

The last line is {"purchases":N,"kills":…,"lost":0,"paidTwice":0,"unresolved":0}; with --budget-sats also "spentMsat" (from the wallet's books),
"budgetMsat" and "overspent" (millisatoshis above a limit).
`;

const NUMBERS = {
  '--purchases': 'purchases',
  '--processes': 'processes',
  '--seed': 'seed',
  '--budget-sats': 'budgetSats',
  '--per-minute-sats': 'perMinuteSats',
  '--per-host-sats': 'perHostSats',
  '--clock-speed': 'clockSpeed',
};

/** @throws {TypeError} that says what is not understood. */
export function readArguments(args) {
  const options = {
    purchases: 100,
    processes: 1,
    seed: 1,
    budgetSats: null,
    perMinuteSats: null,
    perHostSats: null,
    clockSpeed: 1,
    json: false,
    help: false,
    store: 'postgres',
  };
  for (let index = 0; index < args.length; index++) {
    const name = args[index];
    if (name === '--json' || name === '--help') options[name.slice(2)] = true;
    else if (name in NUMBERS) options[NUMBERS[name]] = wholeNumber(name, args[++index]);
    else if (name === '--store' && ['postgres', 'pglite'].includes(args[index + 1])) options.store = args[++index];
    else throw new TypeError(`${name} is not known; see --help`);
  }
  for (const atLeastOne of ['purchases', 'processes', 'clockSpeed']) {
    if (options[atLeastOne] === 0) throw new TypeError(`${atLeastOne} must be at least 1`);
  }
  return options;
}

function wholeNumber(name, text) {
  if (!/^\d{1,9}$/.test(text ?? '')) throw new TypeError(`${name} wants a whole number`);
  return Number(text);
}
