import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvLine, readCsv } from '../../src/receipts/csv.js';

const lines = (text: string) => [...readCsv(text)];

describe('CSV of receipts', () => {
  it('is RFC 4180: texts in quotation marks, numbers bare, nothing for null', () => {
    expect(csvLine(['a "b", c', 12, null, ''])).toBe('"a ""b"", c",12,,""\r\n');
  });

  it.each([
    ['=1+1', `"'=1+1"`],
    ['+1', `"'+1"`],
    ['-1', `"'-1"`],
    ['@SUM(A1)', `"'@SUM(A1)"`],
    ['\t=1', `"'\t'=1"`],
    ['\r=1', `"'\r'=1"`],
    ['＝1', `"'＝1"`],
    ['a;=cmd()', `"a;'=cmd()"`],
    ['a\n@x', `"a\n'@x"`],
    ["'=1", `"''=1"`],
    ['a=1', '"a=1"'],
  ])('lets %j start no formula in a spreadsheet', (text, cell) => {
    expect(csvLine([text])).toBe(`${cell}\r\n`);
    expect(lines(csvLine([text]))).toEqual([{ line: 1, cells: [text] }]);
  });

  it('gives back every text, and no cell or part of one begins like a formula', () => {
    const nasty = fc.string({
      unit: fc.constantFrom("'", '=', '+', '-', '@', '\t', '\r', '\n', ',', ';', '|', '"', '＝', 'a'),
    });
    fc.assert(
      fc.property(fc.array(fc.oneof(nasty, fc.string({ unit: 'binary' })), { minLength: 1, maxLength: 4 }), (cells) => {
        const written = csvLine(cells);
        expect(lines(written).map((each) => each.cells)).toEqual([cells]);
        const inside = written.trimEnd().slice(1, -1).replaceAll('""', '').split('","');
        for (const part of inside.flatMap((cell) => cell.split(/[,;\t\r\n|]/)))
          expect(part).not.toMatch(/^[=+\-@＝＋－＠]/);
      }),
      { numRuns: 2000 },
    );
  });

  it('counts the lines of the file, those inside of cells too, and reads what a spreadsheet wrote', () => {
    expect(lines('a,b\n"x\ny",z\r\nlast,')).toEqual([
      { line: 1, cells: ['a', 'b'] },
      { line: 2, cells: ['x\ny', 'z'] },
      { line: 4, cells: ['last', ''] },
    ]);
    expect(() => lines('a\n"x" y')).toThrow(
      expect.objectContaining({ code: 'RECEIPT_INVALID', detail: 'Line 2 is no line of CSV.' }),
    );
  });

  it('reads any text to the end or refuses it', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', 'a', "'") }), (text) => {
        try {
          lines(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'RECEIPT_INVALID' });
        }
      }),
    );
  });
});
