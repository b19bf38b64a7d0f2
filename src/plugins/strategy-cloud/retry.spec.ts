import { describe, expect, it } from 'vitest';
import { cloudError, type CloudErrorCode } from './errors.js';
import { ExchangeFailed } from './outbound.js';
import { retryAfterMs } from './retry-after.js';
import { withRetries } from './retry.js';
import { never } from './testing/cloud-bench.js';

const failed = (code: CloudErrorCode, waitMs?: number, isBilled = true): ExchangeFailed =>
  new ExchangeFailed(cloudError(code, 'x'), waitMs, isBilled);
/** Fails with each of these, then succeeds; says when it was asked. */
function attempts(...failures: ExchangeFailed[]): { attempt: () => Promise<string>; atMs: number[] } {
  const atMs: number[] = [];
  const attempt = (): Promise<string> => {
    atMs.push(performance.now());
    const failure = failures.shift();
    return failure === undefined ? Promise.resolve('done') : Promise.reject(failure);
  };
  return { attempt, atMs };
}
const soon = (ms = 10_000) => ({ signal: never, endMs: performance.now() + ms });

describe(withRetries.name, () => {
  it('tries again what may pass, and counts what was sent in vain', async () => {
    const { attempt, atMs } = attempts(
      failed('VD_CLOUD_SERVER'),
      failed('VD_CLOUD_UNREACHABLE', undefined, false),
      failed('VD_CLOUD_TIMEOUT'),
    );
    expect(await withRetries(attempt, { retries: 3, random: () => 0 }, soon())).toEqual({ value: 'done', lostTries: 2 });
    expect(atMs).toHaveLength(4);
  });

  it('gives up after as many tries as it is told', async () => {
    const { attempt, atMs } = attempts(...Array.from({ length: 9 }, () => failed('VD_CLOUD_SERVER')));
    expect(await withRetries(attempt, { retries: 2, random: () => 0 }, soon())).toMatchObject({
      failure: { error: { code: 'VD_CLOUD_SERVER' } },
      lostTries: 3,
    });
    expect(atMs).toHaveLength(3);
  });

  it.each([
    'VD_CLOUD_CREDENTIALS',
    'VD_CLOUD_PICTURE_REFUSED',
    'VD_CLOUD_REQUEST_REFUSED',
    'VD_CLOUD_REDIRECTED',
    'VD_CLOUD_ABORTED',
  ] as const)('does not try %s again', async (code) => {
    const { attempt, atMs } = attempts(failed(code));
    expect(await withRetries(attempt, { retries: 3, random: () => 0 }, soon())).toMatchObject({ failure: { error: { code } } });
    expect(atMs).toHaveLength(1);
  });

  it('draws its wait from all of a span that doubles', async () => {
    const drawn: number[] = [];
    const { attempt, atMs } = attempts(failed('VD_CLOUD_SERVER'), failed('VD_CLOUD_SERVER'));
    const random = (): number => (drawn.push(1), 0.4);
    await withRetries(attempt, { retries: 2, random }, soon());
    const [first = 0, second = 0, third = 0] = atMs;
    expect(drawn).toHaveLength(2);
    expect(second - first).toBeGreaterThanOrEqual(95);
    expect(third - second).toBeGreaterThanOrEqual(195);
  });

  it('waits as long as the provider asks for', async () => {
    const { attempt, atMs } = attempts(failed('VD_CLOUD_QUOTA', 300, false));
    await withRetries(attempt, { retries: 1, random: () => 0 }, soon());
    expect(atMs[1]! - atMs[0]!).toBeGreaterThanOrEqual(295);
  });

  it('does not begin what would not be done within the job’s time', async () => {
    const { attempt, atMs } = attempts(failed('VD_CLOUD_QUOTA', 60_000));
    const startMs = performance.now();
    expect(await withRetries(attempt, { retries: 5, random: () => 0 }, soon(5_000))).toMatchObject({ failure: { retryAfterMs: 60_000 } });
    expect(atMs).toHaveLength(1);
    expect(performance.now() - startMs).toBeLessThan(1_000);
  });

  it('stops waiting when called off', async () => {
    const controller = new AbortController();
    const { attempt, atMs } = attempts(failed('VD_CLOUD_QUOTA', 8_000));
    const tried = withRetries(attempt, { retries: 1, random: () => 0 }, { signal: controller.signal, endMs: performance.now() + 10_000 });
    controller.abort();
    expect(await tried).toMatchObject({ failure: { error: { code: 'VD_CLOUD_ABORTED' } }, lostTries: 1 });
    expect(atMs).toHaveLength(1);
  });
});

describe(retryAfterMs.name, () => {
  const NOW = Date.parse('2026-11-26T12:00:00Z');
  it.each([
    [{ 'retry-after': '7' }, 7_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': 'Thu, 26 Nov 2026 12:00:30 GMT' }, 30_000],
    [{ 'retry-after': 'Thu, 26 Nov 2026 11:00:00 GMT' }, 0],
    [{ 'retry-after-ms': '250', 'retry-after': '1' }, 250],
    [{ 'retry-after': '99999999999' }, 86_400_000],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-5' }, undefined],
    [{ 'retry-after': '' }, undefined],
    [{}, undefined],
  ])('%j', (headers, expected) => expect(retryAfterMs(new Headers(headers as Record<string, string>), NOW)).toBe(expected));
});
