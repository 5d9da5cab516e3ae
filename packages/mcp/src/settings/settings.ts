/** A seller that is known by a name of its own. */
export interface KnownSeller {
  readonly slug: string;
  /** Where its API begins; a path of it is part of what calls may not leave. */
  readonly baseUrl: string;
}

/** What the server does and where its limits lie. Amounts are whole satoshis, fees included. */
export interface McpSettings {
  /** Everything that this store's budget may ever spend; `null`: no such cap, but the day's. */
  readonly budgetSats: number | null;
  /** What one call may cost without a person being asked. */
  readonly maxAutoPaySats: number;
  readonly maxSpendPerMinuteSats: number;
  readonly maxSpendPerDaySats: number;
  /** Below this much in the wallet whoever runs the server is told, and the model that it runs low; `null`: only whether the wallet answers. */
  readonly walletBalanceBelowSats: number | null;
  readonly transport: 'stdio' | 'http';
  readonly port: number;
  readonly bindAddress: string;
  /** `null`: no other site may read an answer. */
  readonly corsOrigin: string | null;
  /** The bearer token of the HTTP transport; `null`: one is made. Secret. */
  readonly authToken: string | null;
  /** Names under which the HTTP transport may be asked beside those of loopback. */
  readonly allowedHosts: readonly string[];
  /** Where purchases and answers are kept. */
  readonly home: string;
  /** Directories of sellers. */
  readonly directories: readonly string[];
  readonly sellers: readonly KnownSeller[];
  /** File with the MCP servers whose tools are offered on; `null` where there are none. */
  readonly mcpServersFile: string | null;
  /** Where what is unusual about the spending is posted to; `null`: nowhere. Holds a secret. */
  readonly webhook: { readonly url: string; readonly secret: string } | null;
  /** After this long a tool answers, with a handle where the call still runs. */
  readonly answerWithinMs: number;
  /** How long one request to a seller may take, from the first byte sent to the last of its answer's body. */
  readonly exchangeWithinMs: number;
  /** How much of an answer's text a tool shows at once, characters. */
  readonly maxShownChars: number;
}
