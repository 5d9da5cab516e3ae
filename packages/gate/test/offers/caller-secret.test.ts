import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hasSecretForm } from '../../src/offers/index.js';

describe('whether an Idempotency-Key has the form of a secret', () => {
  it.each([
    '5f2b8c1d9e3a47608b1c2d3e4f5a6b7c',
    '"5f2b8c1d9e3a47608b1c2d3e4f5a6b7c"',
    'q7Zr1XvN8sKd0TgYb3WmPc',
    'q7Zr1XvN8sKd0TgYb3WmPc==',
  ])('%s has', (key) => {
    expect(hasSecretForm(key)).toBe(true);
  });

  it.each([
    '',
    'retry-1',
    '5f2b8c1d9e3a47608b1c2d3e4f5a6b7',
    '00000000000000000000000000000001',
    'order-2026-11-21-000000000001',
    'Order-2026-11-21-0000000001',
    'aaaaaaaaaaaaaaaaaaaaaaA1',
    'my-very-long-but-guessable-key',
    '8e03978e-40d5-43e8-bc93-6894a57f9324',
  ])('"%s" has not', (key) => {
    expect(hasSecretForm(key)).toBe(false);
  });

  it('holds for random hex of 16 and 32 bytes', () => {
    for (let round = 0; round < 500; round += 1) {
      expect(hasSecretForm(randomBytes(16).toString('hex'))).toBe(true);
      expect(hasSecretForm(randomBytes(32).toString('hex'))).toBe(true);
    }
  });
});
