/**
 * Sunrise, sunset and day length by the sunrise equation with the solar position of the Astronomical Almanac's low-precision formulae:
 * good to about a minute between the polar circles.
 */
export interface SunTimes {
  /** ISO 8601 in UTC; `null` on a day without one. */
  readonly sunrise: string | null;
  readonly sunset: string | null;
  readonly daylightMinutes: number;
}

const DAY_MS = 86_400_000;
const JULIAN_DAY_OF_1970 = 2_440_587.5;
const JULIAN_DAY_OF_2000 = 2_451_545;
/** Refraction at the horizon and the sun's radius, in degrees. */
const HORIZON_DEGREES = -0.833;

const sin = (degrees: number): number => Math.sin((degrees * Math.PI) / 180);
const cos = (degrees: number): number => Math.cos((degrees * Math.PI) / 180);
const toDegrees = (radians: number): number => (radians * 180) / Math.PI;

/**
 * The sun's day at a place.
 *
 * @param latitude - degrees, north positive.
 * @param longitude - degrees, east positive.
 * @param nowMs - any instant of the day that is meant, milliseconds since 1970.
 */
export function computeSunTimes(latitude: number, longitude: number, nowMs: number): SunTimes {
  const { noonMs, declination } = solarNoon(longitude, nowMs);
  const cosHourAngle = (sin(HORIZON_DEGREES) - sin(latitude) * sin(declination)) / (cos(latitude) * cos(declination));
  if (cosHourAngle > 1) return { sunrise: null, sunset: null, daylightMinutes: 0 };
  if (cosHourAngle < -1) return { sunrise: null, sunset: null, daylightMinutes: 24 * 60 };
  const halfDayMs = (toDegrees(Math.acos(cosHourAngle)) / 360) * DAY_MS;
  return {
    sunrise: toIsoMinute(noonMs - halfDayMs),
    sunset: toIsoMinute(noonMs + halfDayMs),
    daylightMinutes: Math.round((2 * halfDayMs) / 60_000),
  };
}

function solarNoon(longitude: number, nowMs: number): { noonMs: number; declination: number } {
  const day = Math.floor(nowMs / DAY_MS) + JULIAN_DAY_OF_1970 + 0.5 - JULIAN_DAY_OF_2000;
  const meanNoon = day - longitude / 360;
  const anomaly = (357.5291 + 0.98560028 * meanNoon) % 360;
  const centre = 1.9148 * sin(anomaly) + 0.02 * sin(2 * anomaly) + 0.0003 * sin(3 * anomaly);
  const eclipticLongitude = (anomaly + centre + 180 + 102.9372) % 360;
  const transit = meanNoon + 0.0053 * sin(anomaly) - 0.0069 * sin(2 * eclipticLongitude);
  const noonMs = (transit + JULIAN_DAY_OF_2000 - JULIAN_DAY_OF_1970) * DAY_MS;
  return { noonMs, declination: toDegrees(Math.asin(sin(eclipticLongitude) * sin(23.4397))) };
}

function toIsoMinute(atMs: number): string {
  return `${new Date(Math.round(atMs / 60_000) * 60_000).toISOString().slice(0, 16)}Z`;
}
