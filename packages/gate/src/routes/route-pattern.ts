/** A path pattern in the router's own terms. */
export interface RoutePattern {
  /** Lower case, no trailing slash, parameters named by position: equal for patterns that match the same paths. */
  readonly routerPath: string;
}

export type RoutePatternResult =
  | { readonly ok: true; readonly value: RoutePattern }
  | { readonly ok: false; readonly mistake: string };

const LITERAL = /^[A-Za-z0-9._~!$&'+,=@-]+$/;
const PARAMETER = /^:[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Reads `/v1/forecast/:city`. Stricter than the router below: no wildcards, no regular expressions, no optional or half-literal
 * segments, no percent-encoding; what is not understood is refused rather than matched by accident.
 */
export function parseRoutePattern(path: string): RoutePatternResult {
  if (!path.startsWith('/')) return { ok: false, mistake: 'path must start with /' };
  const segments = path.replace(/\/$/, '').split('/').slice(1);
  const routerSegments: string[] = [];
  for (const [index, segment] of segments.entries()) {
    if (PARAMETER.test(segment)) routerSegments.push(`:p${index}`);
    else if (LITERAL.test(segment) && segment !== '.' && segment !== '..') routerSegments.push(segment.toLowerCase());
    else return { ok: false, mistake: `path segment "${segment}" is neither a literal nor a :name` };
  }
  return { ok: true, value: { routerPath: `/${routerSegments.join('/')}` } };
}
