import { describe, expect, it } from 'vitest';
import { carriesCredential, outcomeHeaders, replayUnavailableAnswer } from '../../src/engine/index.js';

describe('what an answer says about the money', () => {
  it('is the outcome, and a code in lower case where there is more to say', () => {
    expect(outcomeHeaders('charged')).toEqual([['X-Payment-Outcome', 'charged']]);
    expect(outcomeHeaders('not_charged', 'REPLAY_UNAVAILABLE')).toEqual([
      ['X-Payment-Outcome', 'not_charged'],
      ['X-Payment-Code', 'replay_unavailable'],
    ]);
  });

  it('of a replay that was not kept is that this call was not charged', () => {
    const { status, headers, body } = replayUnavailableAnswer();
    expect(status).toBe(409);
    expect(headers).toContainEqual(['X-Payment-Outcome', 'not_charged']);
    expect(headers).toContainEqual(['X-Payment-Code', 'replay_unavailable']);
    expect(JSON.parse(body)).toMatchObject({ code: 'replay_unavailable', fundsMoved: 'yes' });
  });
});

describe('whether a request carries a payment credential', () => {
  it.each<[readonly string[], boolean]>([
    [[], false],
    [['Authorization', 'Bearer x'], false],
    [['authorization', 'L402 a:b'], true],
    [['Authorization', 'LSAT'], true],
    [['Authorization', 'Payment e30'], true],
    [['Authorization', 'Bearer x', 'Authorization', 'L402 a:b'], true],
  ])('%j: %s', (rawHeaders, expected) => {
    expect(carriesCredential(rawHeaders)).toBe(expected);
  });
});
