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
/** Anything shorter would blank out words that are nobody's secret. */
const LEAST_SECRET_LENGTH = 6;

/** What secrets of this process look like in a text, the longest first. A process has one set, as it has one environment. */
const knownSecrets: string[] = [];

/**
 * From now on the secret is masked wherever it stands in a log line: as it is, in JSON and in a URL; of a JSON file, each field that
 * is a secret.
 */
export function redactSecret(secret: string): void {
  const fields = secretFields(secret);
  const texts = fields ?? [secret];
  for (const part of [secret, ...texts.flatMap((text) => [text, ...text.split(/\s*\r?\n\s*/)])]) {
    for (const shape of [part, JSON.stringify(part).slice(1, -1), encodeURIComponent(part)]) {
      if (shape.length >= LEAST_SECRET_LENGTH && !knownSecrets.includes(shape)) knownSecrets.push(shape);
    }
  }
  knownSecrets.sort((a, b) => b.length - a.length);
}

/** What is masked by now, for a process that writes down what others say. */
export const redactedSecrets = (): readonly string[] => [...knownSecrets];

/** Of a JSON file; undefined for any other text. */
function secretFields(text: string): string[] | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return Object.entries(JSON.parse(text) as Record<string, unknown>).flatMap(([key, value]) =>
      typeof value === 'string' && SECRET_FIELD.test(key) ? [value] : [],
    );
  } catch {
    return undefined;
  }
}

/** Masks secrets inside a text. @example redactText('rtmp://h/live/abc') === 'rtmp://h/live/***' */
export function redactText(text: string): string {
  return knownSecrets
    .reduce((masked, secret) => masked.replaceAll(secret, MASK), text)
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
