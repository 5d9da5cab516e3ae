import {
  decodeIdentifier,
  decodeMacaroonText,
  encodeIdentifier,
  encodeMacaroonText,
  formatToolChallenge,
  formatToolReceipt,
  mintedCaveats,
  mintMacaroon,
  parseToolCredential,
  preimageMatches,
  TOOL_CHALLENGE_KEY,
  TOOL_RECEIPT_KEY,
  type ToolChallenge,
  toolArgsDigestHex,
} from '@satway/protocol';
import type { InvoiceIssuer } from '@satway/wallets';
import type { PricedToolCall } from '../../src/index.js';
import { TENANT_ID } from '../support/seller.js';

/** A result as MCP servers give it. */
export interface Result {
  readonly isError?: boolean;
  readonly content: readonly { readonly type: 'text'; readonly text: string }[];
  readonly _meta?: Readonly<Record<string, unknown>>;
}

export interface ShopOptions {
  readonly issuer: InvoiceIssuer;
  readonly priceMsat?: number;
  readonly uses?: number;
  /** Whether a token of several uses, too, is for the arguments of its challenge alone. */
  readonly bindsArguments?: boolean;
  /** How the challenge differs from an honest one. */
  readonly lie?: (challenge: ToolChallenge) => Partial<ToolChallenge>;
  /** What a result beside the challenge's is made into. */
  readonly dress?: (result: Result) => Result;
  /** In place of the work, once the proof was accepted. */
  readonly work?: () => Result | Promise<Result>;
  readonly acceptsNothing?: boolean;
}

/** Sells the tool `forecast` of the server `weather`, by the rules of the wire, and remembers what it was sent. */
export function openToolShop({ issuer, priceMsat = 5_000, uses = 1, ...how }: ShopOptions) {
  const seen: Readonly<Record<string, unknown>>[] = [];
  const taken = new Map<string, number>();
  const soldFor = new Map<string, string>();
  async function challenge(given: unknown): Promise<Result> {
    const { invoice, paymentHashHex } = await issuer.create({
      amountMsat: priceMsat,
      description: 'weather/forecast',
      expirySeconds: 600,
    });
    const digest = toolArgsDigestHex({ server: 'weather', tool: 'forecast', arguments: given });
    if (!digest.ok) throw new Error(digest.detail);
    soldFor.set(paymentHashHex, JSON.stringify(given));
    const honest: ToolChallenge = {
      token: mint(paymentHashHex, digest.value),
      invoice,
      paymentHashHex,
      amountMsat: priceMsat,
      expiresAtMs: Date.now() + 600_000,
      resource: 'mcp://weather/forecast',
      argsDigestHex: digest.value,
    };
    const asked = { ...honest, ...how.lie?.(honest) };
    const result: Result = {
      isError: true,
      content: [{ type: 'text', text: 'This tool costs 5 sats.' }],
      _meta: { [TOOL_CHALLENGE_KEY]: formatToolChallenge(asked) },
    };
    return how.dress?.(result) ?? result;
  }
  function mint(paymentHashHex: string, argsSha256Hex: string): string {
    const nowMs = Date.now();
    const caveats = mintedCaveats({
      tenantSlug: 'acme',
      tenantId: TENANT_ID,
      endpointId: 'forecast',
      model: 'per_request',
      priceMsat,
      uses,
      mintedAtMs: nowMs,
      expiresAtMs: nowMs + 3_600_000,
      ...(uses === 1 || how.bindsArguments === true ? { argsSha256Hex } : {}),
    });
    const identifier = encodeIdentifier({ paymentHashHex, tokenId: new Uint8Array(32).fill(5) });
    return encodeMacaroonText(
      mintMacaroon({ rootKey: new Uint8Array(32).fill(9), location: 'satway', identifier, caveats }),
    );
  }
  function accepts(meta: unknown, given: unknown): string | null {
    const proof = parseToolCredential(meta);
    if (how.acceptsNothing === true || proof === null || proof === 'malformed') return null;
    const macaroon = decodeMacaroonText(proof.token);
    const identifier = macaroon.ok ? decodeIdentifier(macaroon.value.macaroon.identifier) : null;
    if (identifier === null || !identifier.ok) return null;
    const { paymentHashHex } = identifier.value;
    const count = taken.get(paymentHashHex) ?? 0;
    if (how.bindsArguments === true && soldFor.get(paymentHashHex) !== JSON.stringify(given)) return null;
    if (!preimageMatches(proof.preimageHex, paymentHashHex) || count >= uses) return null;
    taken.set(paymentHashHex, count + 1);
    return paymentHashHex;
  }
  return {
    seen,
    giveBack: () => {
      for (const [hash, count] of taken) taken.set(hash, count - 1);
    },
    tool: (given: Readonly<Record<string, unknown>> = { city: 'Oslo' }): PricedToolCall<Result> => ({
      origin: 'mcp://weather',
      tool: 'forecast',
      arguments: given,
      async call(meta) {
        seen.push(meta);
        const paymentHashHex = accepts(meta, given);
        if (paymentHashHex === null) return challenge(given);
        if (how.work !== undefined) return how.work();
        const receipt = formatToolReceipt({ paymentHashHex, amountMsat: priceMsat, outcome: 'charged', code: null });
        return { content: [{ type: 'text', text: 'Sun.' }], _meta: { [TOOL_RECEIPT_KEY]: receipt } };
      },
    }),
  };
}
