import { describe, expect, it } from 'vitest';
import type { StoragePlaceWire } from '../../api/models';
import type { Say } from '../../i18n/texts';
import { diskView } from './disk-text';
import type { SystemTexts } from './i18n/en';

const said = (key: string, params: object = {}): string => [key.replace('disks.', ''), ...Object.values(params).map(String)].join(' ');
const t = Object.assign(said, { count: (key: string, count: number) => said(key, { count }) }) as unknown as Say<SystemTexts>;
const format = { bytes: (bytes: number) => `${bytes / 1e9}G` };
const place = (over: Partial<StoragePlaceWire> = {}): StoragePlaceWire => ({
  ...{ kind: 'media', name: 'attic', usedBytes: 20e9, maxBytes: null, freeBytes: 80e9, totalBytes: 120e9, floorBytes: 1e9 },
  ...{ bytesPerDay: 3e9, capacityBytes: 100e9, fullInDays: 23.9, keepsDays: 30 },
  ...over,
});

describe(diskView.name, () => {
  it('says when a disk is full', () => {
    expect(diskView(place(), t, format)).toEqual({
      ...{ name: 'media attic', used: 'used 20G 100G', share: 0.2, tone: 'good' },
      ...{ forecast: 'full 23', rate: 'rate 3G', free: 'free 80G' },
    });
  });

  it.each([
    ['warn', 'full 2', { fullInDays: 2.5 }],
    ['warn', 'fullToday', { fullInDays: 0.4 }],
    ['bad', 'fullNow', { freeBytes: 0.5e9, fullInDays: 0 }],
    ['good', 'keeps 14', { fullInDays: null, keepsDays: 14.2 }],
    ['good', 'keeps 1', { fullInDays: null, keepsDays: 0.2 }],
    ['good', null, { fullInDays: null, keepsDays: null, bytesPerDay: null }],
    ['unknown', null, { fullInDays: null, keepsDays: null, capacityBytes: null, freeBytes: null }],
  ] as const)('is %s: %s', (tone, forecast, over) => {
    expect(diskView(place(over), t, format)).toMatchObject({ tone, forecast });
  });

  it('names the database, and what is not known', () => {
    const view = diskView(
      place({ kind: 'database', name: 'database', capacityBytes: null, freeBytes: null, bytesPerDay: null }),
      t,
      format,
    );
    expect(view).toMatchObject({ name: 'database', used: 'usedOnly 20G', share: null, rate: 'rateUnknown', free: null });
  });
});
