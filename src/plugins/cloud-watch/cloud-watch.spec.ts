import { describe, expect, it } from 'vitest';
import plugin from './index.js';

describe('cloud-watch', () => {
  it('offers one analyzer for each task that providers do, none of which has code or runs unasked', () => {
    expect(plugin.analyzers?.map(({ id, solves, needsStandIn }) => [id, solves, needsStandIn])).toEqual([
      ['cloud-watch.logos', ['logo'], true],
      ['cloud-watch.objects', ['object'], true],
      ['cloud-watch.labels', ['label'], true],
      ['cloud-watch.texts', ['text'], true],
    ]);
    expect(() => plugin.analyzers?.[0]?.create({})).toThrow(expect.objectContaining({ code: 'VD_CLOUD_WATCH_NO_CODE' }) as Error);
  });

  it('takes a list of names, and nothing else', () => {
    const { config } = plugin.analyzers![0]!;
    expect(config.parse({ only: ['Acme'] })).toEqual({ only: ['Acme'] });
    for (const wrong of [{ only: [] }, { only: [''] }, { names: ['Acme'] }]) expect(config.safeParse(wrong).success).toBe(false);
  });
});
