import { describe, expect, it } from 'vitest';
import { containerOf, PAGE_MIME_TYPES } from './mime-types.js';

describe('types of recordings', () => {
  it('begin with pictures that are kept as they come', () => {
    const isCopied = PAGE_MIME_TYPES.map((type) => type.isCopied);
    expect(isCopied.indexOf(false)).toBe(isCopied.lastIndexOf(true) + 1);
    expect(isCopied[0]).toBe(true);
  });

  it('name their container, whatever recorders add', () => {
    for (const { mimeType } of PAGE_MIME_TYPES) expect(['matroska', 'mp4']).toContain(containerOf(mimeType));
    expect(containerOf('Video/WebM; codecs="vp8, opus"')).toBe('matroska');
  });

  it.each(['', 'video/ogg', 'video/webmx', 'application/x-mpegurl', 'concat'])('are none of %j', (mimeType) => {
    expect(() => containerOf(mimeType)).toThrowError(expect.objectContaining({ code: 'VD_BROWSER_TYPE_UNKNOWN' }));
  });
});
