import { createHmac, timingSafeEqual } from 'node:crypto';
import { decodeMacaroon, encodeMacaroon, type Macaroon, mintMacaroon, signatureChain } from '@satway/protocol';
import {
  type Operation,
  type Permission,
  permits,
  readLndOperations,
  writeLndIdentifier,
} from '../../../lnd-macaroon/index.js';
import type { SandboxLightning } from '../../network/index.js';
import { type MacaroonKind, OPERATIONS_BY_KIND } from './macaroon-kind.js';

/** The node that a macaroon speaks for, or why it does not, in LND's words. */
export type Admission = { readonly ok: true; readonly node: string } | { readonly ok: false; readonly message: string };

interface Known {
  readonly node: string;
  readonly operations: readonly Operation[];
}

/** Bakes and checks macaroons. Keys derive from a node's own, so that a macaroon outlives a restart as the node does. */
export class MacaroonDesk {
  readonly #lightning: SandboxLightning;
  /** By hex; only what was baked here, without caveats, gets in, so it stays as small as the network. */
  readonly #known = new Map<string, Known>();

  constructor(lightning: SandboxLightning) {
    this.#lightning = lightning;
  }

  /** @throws {SatwayError} `SANDBOX_NODE_UNKNOWN`. */
  bake(nodeName: string, kind: MacaroonKind): string {
    const { privateKeyHex } = this.#lightning.node(nodeName);
    const nonce = derive(privateKeyHex, `nonce ${kind}`).subarray(0, 16);
    const identifier = writeLndIdentifier(nonce, kind === 'admin' ? '0' : '1', OPERATIONS_BY_KIND[kind]);
    const macaroon = mintMacaroon({ rootKey: rootKeyOf(privateKeyHex), location: 'lnd', identifier, caveats: [] });
    return Buffer.from(encodeMacaroon(macaroon)).toString('hex');
  }

  admit(headers: readonly string[], permission: Permission): Admission {
    const [macaroonHex] = headers;
    if (macaroonHex === undefined || headers.length !== 1) {
      return { ok: false, message: `expected 1 macaroon, got ${headers.length}` };
    }
    const known = this.#known.get(macaroonHex) ?? this.#verify(macaroonHex);
    if (typeof known === 'string') return { ok: false, message: known };
    return permits(known.operations, permission) ? { ok: true, node: known.node } : DENIED;
  }

  /** Time limits are all that a caveat can say here; LND refuses every other one that it does not know, and a custom one that no middleware judges. */
  #verify(macaroonHex: string): Known | string {
    const invalid = /[^0-9a-fA-F]/.exec(macaroonHex)?.[0];
    if (invalid !== undefined) return `encoding/hex: invalid byte: ${unicodeOf(invalid)}`;
    const decoded = decodeMacaroon(Buffer.from(macaroonHex, 'hex'));
    if (!decoded.ok) return 'cannot determine data format of binary-encoded macaroon';
    const macaroon = decoded.value;
    const owner = this.#lightning.nodes().find((node) => isSignedWith(rootKeyOf(node.privateKeyHex), macaroon));
    if (owner === undefined) return 'verification failed: signature mismatch after caveat verification';
    const broken = macaroon.caveats.map((caveat) => this.#complaint(Buffer.from(caveat).toString())).find(isText);
    if (broken !== undefined) return broken;
    const operations = readLndOperations(macaroon.identifier);
    if (operations === null) return DENIED.message;
    const known = { node: owner.name, operations };
    if (macaroon.caveats.length === 0) this.#known.set(macaroonHex, known);
    return known;
  }

  /** `null` where the caveat holds. */
  #complaint(caveat: string): string | null {
    if (caveat.startsWith(' ')) return `cannot parse caveat "${caveat}": caveat starts with space character`;
    const why = this.#whyNot(caveat);
    return why === null ? null : `caveat "${caveat}" not satisfied: ${why}`;
  }

  #whyNot(caveat: string): string | null {
    const until = /^time-before (.+)$/.exec(caveat)?.[1];
    if (until !== undefined) return this.#lightning.now < Date.parse(until) ? null : 'macaroon has expired';
    const custom = /^lnd-custom (\S+)/.exec(caveat)?.[1];
    if (custom === undefined) return 'caveat not recognized';
    return `cannot accept macaroon with custom caveat '${custom}', no middleware registered to handle it`;
  }
}

const isText = (value: string | null): value is string => value !== null;

const DENIED = { ok: false, message: 'permission denied' } as const;

function isSignedWith(rootKey: Buffer, macaroon: Macaroon): boolean {
  const signature = signatureChain(rootKey, macaroon).at(-1);
  return signature !== undefined && timingSafeEqual(signature, macaroon.signature);
}

function rootKeyOf(privateKeyHex: string): Buffer {
  return derive(privateKeyHex, 'root key');
}

function derive(privateKeyHex: string, purpose: string): Buffer {
  return createHmac('sha256', Buffer.from(privateKeyHex, 'hex')).update(`sandbox macaroon ${purpose}`).digest();
}

function unicodeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')} '${character}'`;
}
