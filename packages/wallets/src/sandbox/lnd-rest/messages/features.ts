const NAMES: Readonly<Record<number, string>> = {
  0: 'data-loss-protect',
  5: 'upfront-shutdown-script',
  7: 'gossip-queries',
  8: 'tlv-onion',
  9: 'tlv-onion',
  12: 'static-remote-key',
  14: 'payment-addr',
  15: 'payment-addr',
  16: 'multi-path-payments',
  17: 'multi-path-payments',
  23: 'anchors-zero-fee-htlc-tx',
  25: 'route-blinding',
  27: 'shutdown-any-segwit',
  30: 'amp',
  31: 'amp',
  35: 'quiescence',
  45: 'explicit-commitment-type',
  261: 'endorsement-x',
  2023: 'script-enforced-lease',
};

/** Feature bits as LND names them, by number. */
export function featuresMessage(bits: Iterable<number>): Record<string, unknown> {
  const entries = [...bits]
    .sort((a, b) => a - b)
    .map((bit) => [String(bit), { name: NAMES[bit] ?? 'unknown', is_required: bit % 2 === 0, is_known: bit in NAMES }]);
  return Object.fromEntries(entries);
}
