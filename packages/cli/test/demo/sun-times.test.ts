import { describe, expect, it } from 'vitest';
import { computeSunTimes } from '../../src/demo/sun-times.js';

/** Minutes between two instants, whichever comes first. */
const minutesApart = (a: string | null, b: string): number => Math.abs(Date.parse(a ?? '') - Date.parse(b)) / 60_000;

describe('sun times', () => {
  it.each([
    // From published almanacs, to the minute.
    ['Greenwich at midsummer 2024', 51.48, 0, '2024-06-21T12:00Z', '2024-06-21T03:43Z', '2024-06-21T20:21Z'],
    ['Greenwich at midwinter 2024', 51.48, 0, '2024-12-21T12:00Z', '2024-12-21T08:04Z', '2024-12-21T15:53Z'],
    [
      'New York at the equinox of March 2024',
      40.71,
      -74.01,
      '2024-03-20T12:00Z',
      '2024-03-20T10:59Z',
      '2024-03-20T23:08Z',
    ],
  ])('agree with the almanac for %s', (_what, latitude, longitude, at, sunrise, sunset) => {
    const times = computeSunTimes(latitude, longitude, Date.parse(at));
    expect(minutesApart(times.sunrise, sunrise)).toBeLessThanOrEqual(3);
    expect(minutesApart(times.sunset, sunset)).toBeLessThanOrEqual(3);
  });

  it('know the polar night and the midnight sun', () => {
    expect(computeSunTimes(69.65, 18.96, Date.parse('2024-12-21'))).toEqual({
      sunrise: null,
      sunset: null,
      daylightMinutes: 0,
    });
    expect(computeSunTimes(69.65, 18.96, Date.parse('2024-06-21'))).toEqual({
      sunrise: null,
      sunset: null,
      daylightMinutes: 1440,
    });
  });
});
