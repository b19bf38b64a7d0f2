/** Names of fields whose values never reach a log. */
const SECRET_FIELD = /^(authorization|cookie|set-cookie|sign|key)$|(password|passwd|secret|token)$|[a-z0-9]Key$|_key$|-key$/i;

/** A stream key or token anywhere in a text: `vd_…`, `vdo_…`. */
const VEDETTE_SECRET = /\bvd[a-z]?[_-][A-Za-z0-9_-]{8,}/g;
/** The last path segment of an RTMP URL is the stream key. */
const RTMP_KEY = /\b(rtmps?:\/\/[^\s/"'<>]+\/[^\s/"'<>]+\/)[^\s"'<>]+/gi;
/** The password of `scheme://user:password@host`. */
const URL_PASSWORD = /\b([a-z][a-z0-9+.-]{0,30}:\/\/[^\s/:@"']*):[^\s/@"']+@/gi;
const BEARER = /\b(bearer)\s+[A-Za-z0-9._~+/=-]+/gi;
const QUERY_SECRET = /([?&](?:token|key|sign|password|secret|access_token)=)[^\s&"'#]+/gi;

const MASK = '***';
const MAX_DEPTH = 8;

/** Masks secrets inside a text. @example redactText('rtmp://h/live/abc') === 'rtmp://h/live/***' */
export function redactText(text: string): string {
  return text
    .replace(RTMP_KEY, `$1${MASK}`)
    .replace(URL_PASSWORD, `$1:${MASK}@`)
    .replace(VEDETTE_SECRET, `vd_${MASK}`)
    .replace(BEARER, `$1 ${MASK}`)
    .replace(QUERY_SECRET, `$1${MASK}`);
}

/** A copy of a log field that is safe to write: secrets masked, errors made plain, cycles and depth cut. */
export function redact(value: unknown, depth = 0, seen: ReadonlySet<object> = new Set()): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return String(value);
  if (value === null || typeof value !== 'object') return value;
  if (seen.has(value) || depth >= MAX_DEPTH) return '[…]';
  const path = new Set(seen).add(value);
  if (value instanceof Error) return redactError(value, depth, path);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1, path));
  const entries = value instanceof Map ? [...value].map(([k, v]) => [String(k), v] as const) : Object.entries(value);
  return Object.fromEntries(
    entries.map(([key, item]) => [
      key,
      SECRET_FIELD.test(key) && item !== null && item !== undefined ? MASK : redact(item, depth + 1, path),
    ]),
  );
}

function redactError(error: Error, depth: number, path: ReadonlySet<object>): Record<string, unknown> {
  const { code, fix } = error as { code?: unknown; fix?: unknown };
  return {
    name: error.name,
    message: redactText(error.message),
    ...(code === undefined ? {} : { code }),
    ...(typeof fix === 'string' ? { fix: redactText(fix) } : {}),
    ...(error.stack === undefined ? {} : { stack: redactText(error.stack) }),
    ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1, path) }),
  };
}
