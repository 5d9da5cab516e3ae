import type { Command } from 'commander';
import { WALLET_HELP } from '../wallet/choose-wallet.js';

const HELP = `
${WALLET_HELP}

Limits, whole satoshis, fees included: BUDGET_SATS (none but the day's), MAX_AUTO_PAY_SATS (1000), MAX_SPEND_PER_MINUTE_SATS (10000), MAX_SPEND_PER_DAY_SATS (5000).
WALLET_BALANCE_BELOW_SATS (none): below it the wallet is said to run low.
Above MAX_AUTO_PAY_SATS a person is asked; see satway approve. docs/mcp.md lists every variable, every tool, and what the limits hold against.

TRANSPORT=http serves at PORT (3402) of BIND_ADDRESS (127.0.0.1) instead of stdin and stdout; each caller shows the bearer token of MCP_AUTH_TOKEN, else of
SATWAY_HOME/mcp-token, which is made when missing.

On stdio only the protocol goes to stdout; what is to be said is said on stderr.`;

/** `satway mcp`: the MCP server of an agent that buys. */
export function addMcpCommand(program: Command): void {
  program
    .command('mcp')
    .description("Serve an agent's tools over MCP: call APIs and pay for them inside a budget.")
    .option('--wallet-file <file>', 'file that names the wallet')
    .addHelpText('after', HELP)
    .action(async (options: { readonly walletFile?: string }) => {
      // Only here: the protocol's library takes longer to load than most commands take to run.
      const { serveMcp } = await import('../mcp/serve-mcp.js');
      await serveMcp(options.walletFile);
    });
}
