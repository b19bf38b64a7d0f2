import { describe, expect, it } from 'vitest';
import type { StatusCauseWire } from '../../api/models';
import { en as appTexts } from '../../i18n/en';
import { en as health, type HealthTexts } from '../../i18n/health/en';
import type { AppTexts } from '../../i18n/en';
import type { Params, Say } from '../../i18n/texts';
import { de } from './i18n/de';
import { en, type StatusTexts } from './i18n/en';
import { verdictRows } from './verdict-rows';

/** Says what the files have, as `Texts` does. */
function sayer<T>(texts: object, scope: string): Say<T> {
  const say = (key: string, params: Params = {}): string => {
    const found = key.split('.').reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], texts);
    if (typeof found !== 'string') return `${scope}.${key}`;
    return found.replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(params[name]));
  };
  const count = (key: string, number: number, params?: Params): string =>
    say(`${key}.${number === 1 ? 'one' : 'other'}`, { ...params, count: number });
  return Object.assign(say, { count }) as unknown as Say<T>;
}
const WORDS = { health: sayer<HealthTexts>(health, 'health'), t: sayer<StatusTexts>(en, 'status'), app: sayer<AppTexts>(appTexts, 'app') };
const HALL = { id: 'stream-1', name: 'hall', title: 'Hall' };
const cause = (over: Partial<StatusCauseWire>): StatusCauseWire => ({
  ...{ code: 'storage', level: 'bad', text: 'By the server', fix: 'mend it', params: {}, since: null, stream: null, analyzer: null },
  ...{ acknowledge: null, ...over },
});
const rowOf = (over: Partial<StatusCauseWire>, words = WORDS) =>
  verdictRows({ by: 'server', level: 'bad', causes: [cause(over)] }, words)[0]!;

describe(verdictRows.name, () => {
  it('is empty where all is well', () => {
    expect(verdictRows({ by: 'server', level: 'good', causes: [] }, WORDS)).toEqual([]);
  });

  it('says how far analysis is behind and what is skipped, and leads to what would fit', () => {
    const params = { stream: 'Hall', streams: 1, lagS: 62, skipped: 4, of: 5, analyzer: 'Door watch', why: 'overload' };
    expect(rowOf({ code: 'analysis-behind', params, stream: HALL })).toMatchObject({
      ...{ text: 'Analysis of Hall is 62 s behind: 4 of 5 segments are skipped', detail: 'Door watch: overload' },
      place: { link: ['/work'], title: 'Work' },
    });
    expect(rowOf({ code: 'analysis-behind', params, stream: HALL }, { ...WORDS, t: sayer<StatusTexts>(de, 'status') }).text).toBe(
      'Die Auswertung von Hall ist 62 s im Rückstand: 4 von 5 Segmenten werden ausgelassen',
    );
  });

  it('names the analyzer that fails and leads to the stream', () => {
    const params = { analyzer: 'Picture analysis', stream: 'Hall', streams: 1, runs: 60, of: 60, code: 'VD_MODEL_MISSING' };
    expect(rowOf({ code: 'analysis-failing', params, stream: HALL, since: '2026-11-28T16:16:00.000Z' })).toMatchObject({
      ...{ text: 'Picture analysis of Hall fails', sinceMs: Date.parse('2026-11-28T16:16:00.000Z'), detail: 'VD_MODEL_MISSING' },
      fix: 'Look up VD_MODEL_MISSING in the error reference, mend it, and try again.',
      place: { link: ['/streams', 'hall'], title: 'Hall' },
    });
    expect(rowOf({ code: 'analysis-failing', params: { ...params, streams: 2, runs: 3 } }).text).toBe(
      'Picture analysis fails for 3 of 60 segments on 2 streams',
    );
  });

  it("says what is wrong with a stream in the viewer's words, and what was measured in the server's", () => {
    const params = { stream: 'Hall', issue: 'no-picture', reason: 'No picture for 3 s while the sound goes on' };
    expect(rowOf({ code: 'stream-trouble', params, stream: HALL, fix: 'look at the camera' })).toMatchObject({
      ...{
        text: 'Hall: no picture, though sound goes on',
        detail: params.reason,
        fix: 'Look at the camera, its cable and the encoder’s picture source.',
      },
    });
    expect(rowOf({ code: 'stream-trouble', params: { ...params, issue: 'of-tomorrow' }, stream: HALL }).text).toBe(
      `Hall: ${params.reason}`,
    );
  });

  it("takes the server's words for what it has none for", () => {
    expect(rowOf({ code: 'of-tomorrow' as StatusCauseWire['code'] })).toMatchObject({
      text: 'By the server',
      fix: 'Mend it.',
      place: null,
    });
  });

  it('has words in both languages for whatever is said of every cause', () => {
    for (const texts of [en, de]) {
      const t = sayer<StatusTexts>(texts, 'status');
      for (const code of Object.keys(en.fixes) as StatusCauseWire['code'][]) {
        const params = {
          text: 'x',
          reason: 'x',
          node: 'x',
          id: 'x',
          host: 'x',
          role: 'x',
          count: 1,
          error: 'x',
          provider: 'x',
          mebibytes: 1,
        };
        const all = { ...params, lagS: 1, streams: 1, runs: 1, of: 1, skipped: 1, analyzer: 'x', stream: 'x', code: 'x', why: 'x' };
        const row = rowOf({ code, params: all }, { ...WORDS, t });
        expect([code, row.text, row.fix]).toEqual([
          code,
          expect.not.stringMatching(/undefined|status\.|By the server/),
          expect.not.stringMatching(/undefined|status\.|Mend it/),
        ]);
      }
    }
  });

  it('says what it is when the server cannot be heard', () => {
    expect(verdictRows({ by: 'page', level: 'bad', cause: 'no-answer', sinceMs: 7 }, WORDS)).toMatchObject([
      { text: 'No connection to the server', sinceMs: 7, level: 'bad' },
    ]);
    const issues = [{ code: 'database-disk-low', reason: 'Nearly full', fix: 'make room' }] as const;
    expect(verdictRows({ by: 'health', level: 'bad', issues: [...issues], sinceMs: null }, WORDS)).toMatchObject([{ text: 'Nearly full' }]);
  });
});
