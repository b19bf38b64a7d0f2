import { describe, expect, it } from 'vitest';
import type { ThumbnailWire } from '../../wire/thumbnails.wire.js';
import { thumbnailsVtt } from './thumbnails-vtt.js';

const FROM_MS = Date.UTC(2026, 10, 1);
const at = (seconds: number, more: Partial<ThumbnailWire> = {}): ThumbnailWire => ({
  ...{ at: new Date(FROM_MS + seconds * 1_000).toISOString(), epochId: 'e', ptsUs: 0, url: '/sheet' },
  ...{ x: 160, y: 90, w: 160, h: 90, isMade: false, ...more },
});

describe(thumbnailsVtt.name, () => {
  it('shows each until the next, and no longer than it stands for', () => {
    const thumbnails = [at(1.5), at(11), at(7_200, { isMade: true, url: '/frame' })];
    expect(thumbnailsVtt(thumbnails, FROM_MS, 10_000)).toBe(
      [
        'WEBVTT',
        '00:00:01.500 --> 00:00:11.000\n/sheet#xywh=160,90,160,90',
        '00:00:11.000 --> 00:00:26.000\n/sheet#xywh=160,90,160,90',
        '02:00:00.000 --> 02:00:15.000\n/frame',
        '',
      ].join('\n\n'),
    );
  });

  it('leaves out what has no time, and begins no earlier than the track', () => {
    expect(thumbnailsVtt([at(-3), at(4), at(4)], FROM_MS, 10_000)).toBe(
      'WEBVTT\n\n00:00:00.000 --> 00:00:04.000\n/sheet#xywh=160,90,160,90\n\n00:00:04.000 --> 00:00:19.000\n/sheet#xywh=160,90,160,90\n\n',
    );
    expect(thumbnailsVtt([], FROM_MS, 10_000)).toBe('WEBVTT\n\n');
  });
});
