import { describe, expect, it } from 'vitest';
import { appearancesCsv, brandsCsv } from './exposure-csv.js';
import { ExposureGroups } from './exposure-groups.js';
import type { Sighting } from './brand-sighting.js';

const at = (atMs: number, label: string, epochId = 'e1'): Sighting => ({
  epochId,
  ptsUs: atMs * 1000,
  atMs,
  subjectId: label.toLowerCase(),
  label,
  score: 0.8,
  box: { x: 0, y: 0, width: 0.5, height: 0.5 },
  clarity: 0.5,
  sampleMs: 400,
});

describe('CSV of exposures', () => {
  it('has a line per brand, with every name as text', () => {
    const groups = new ExposureGroups('range', { maxGapMs: 1_000 });
    groups.add(at(0, '=HYPERLINK("http://evil")'));
    groups.add(at(0, 'Plain, "quoted"'));
    const rows = groups.finish().flatMap(({ key, brands }) => brands.map((brand) => ({ group: key, ...brand })));
    const [header, ...lines] = brandsCsv(rows).split('\r\n');
    expect(header).toMatch(/^group,brand,brand_id,appearances,share_of_voice,.*,visible_s,.*,bottom_right_s$/);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^range,"'=HYPERLINK\(""http:\/\/evil""\)",/);
    expect(lines[1]).toMatch(/^range,"Plain, ""quoted""",/);
    expect(lines[2]).toBe('');
  });

  it.each([
    '=1+1',
    '+1',
    '-1',
    '@x',
    ' =1',
    '\t=1',
    '\u00a0=1',
    '\u200b=1',
    '\ufeff=1',
    '\n=1',
    '\r',
    '\u0001=1',
    '＝1',
    '＠x',
    '|calc',
    '%x',
  ])('makes text of what a spreadsheet would run: %j', (label) => {
    const groups = new ExposureGroups('range', { maxGapMs: 1_000 });
    for (const ms of [0, 400]) groups.add(at(ms, label));
    expect(appearancesCsv(groups.finish()[0]!.appearances).split('\r\n', 2)[1]).toMatch(/^"?'/);
  });

  it('has a line per appearance', () => {
    const groups = new ExposureGroups('range', { maxGapMs: 1_000 });
    for (const ms of [0, 400, 5_000]) groups.add(at(ms, 'Acme'));
    const lines = appearancesCsv(groups.finish()[0]!.appearances).split('\r\n');
    expect(lines[1]).toMatch(/^Acme,acme,1970-01-01T00:00:00.000Z,1970-01-01T00:00:00.800Z,e1,0,800000,0.8,/);
    expect(lines).toHaveLength(4);
  });
});

describe(ExposureGroups.name, () => {
  it('groups by session', () => {
    const groups = new ExposureGroups('session', { maxGapMs: 1_000 });
    for (const one of [at(0, 'Acme'), at(400, 'Acme', 'e2'), at(800, 'Acme', 'e2')]) groups.add(one);
    expect(groups.finish().map(({ key, brands }) => [key, brands[0]!.visibleSeconds])).toEqual([
      ['e1', 0.4],
      ['e2', 0.8],
    ]);
  });

  it('groups by the calendar day of a time zone', () => {
    const lateEvening = Date.UTC(2026, 5, 1, 21, 59, 59, 800);
    const grouped = (timeZone: string) => {
      const groups = new ExposureGroups('day', { maxGapMs: 1_000 }, timeZone);
      for (const ms of [lateEvening, lateEvening + 400]) groups.add(at(ms, 'Acme'));
      return groups.finish().map(({ key }) => key);
    };
    expect(grouped('UTC')).toEqual(['2026-06-01']);
    expect(grouped('Europe/Berlin')).toEqual(['2026-06-01', '2026-06-02']);
    expect(() => grouped('Mars/Olympus')).toThrow(RangeError);
  });
});
