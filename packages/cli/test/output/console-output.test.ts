import { Writable } from 'node:stream';
import { SatwayError } from '@satway/base';
import { expect, it } from 'vitest';
import { createOutput, reportError } from '../../src/output/index.js';

function report(error: unknown, json: boolean): string {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  reportError(error, createOutput(json, { stdout: stream, stderr: stream }));
  return text;
}

it.each([true, false])('an error that is not ours is told without the secret in its words (JSON: %s)', (json) => {
  const told = report(new TypeError('broke at phoenixd://u:hunter2@n, macaroon=0201036c6e640000'), json);
  expect(told).toContain('INTERNAL');
  expect(told).not.toMatch(/hunter2|0201036c/);
});

it('an error that is not ours is told with where it broke, for a person', () => {
  expect(report(new TypeError('broke'), false)).toMatch(/TypeError: broke\n\s+at .*console-output\.test/);
});

it('an error of ours is told without its cause', () => {
  const error = new SatwayError('INTERNAL', { detail: 'A detail.', cause: new TypeError('hunter2') });
  expect(report(error, false)).toContain('A detail.');
  expect(report(error, false)).not.toContain('hunter2');
});
