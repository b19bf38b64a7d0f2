import { describe, expect, it } from 'vitest';
import { CAUSE_CODES } from './cause-codes.js';
import { databaseUnreachable, fractionOf, judgeInstallation, type InstallationFacts, type StreamFacts } from './judge-installation.js';
import { judgeStream } from './judge-stream.js';
import type { RunEndings, StreamMeasures } from './stream-measures.js';
import { NOW_MS, someAnalysis, someMeasures } from './testing/sample-measures.js';

const WELL: InstallationFacts = {
  databaseFault: null,
  databaseLowBytes: null,
  media: [{ name: 'cam-1', writeFault: null, lowBytes: null }],
  missingRoles: [],
  listeners: [],
  streams: [],
  failing: [],
  titleOf: (id) => (id === 'acme.door' ? 'Door watch' : id),
  crashes: [],
  storage: [],
  plugins: [],
  providers: [],
  unmatched: [],
};
const stream = (title: string, over: Partial<StreamMeasures> = {}): StreamFacts => {
  const measures = someMeasures(over);
  return { id: `id of ${title}`, name: title.toLowerCase(), title, measures, issues: judgeStream(measures).issues };
};
const ended = (state: RunEndings['state'], count: number, reason: string | null = null): RunEndings => ({
  ...{ analyzerId: 'acme.door', state, reason, count, firstAtMs: NOW_MS - 60_000 },
});
const judge = (over: Partial<InstallationFacts>) => judgeInstallation({ ...WELL, ...over });
const told = (over: Partial<InstallationFacts>): string[] => judge(over).map(({ level, text }) => `${level}: ${text}`);

describe(judgeInstallation.name, () => {
  it('finds nothing where all is well', () => {
    expect(told({ streams: [stream('Hall'), stream('Door')] })).toEqual([]);
  });

  it('says in one sentence what each cause is', () => {
    const cases: [string, Partial<InstallationFacts>, string][] = [
      ['database-unwritable', { databaseFault: 'disk full' }, 'bad: The database takes nothing (disk full)'],
      [
        'media-unwritable',
        { media: [{ name: 'cam-1', writeFault: 'EROFS', lowBytes: null }] },
        'bad: Nothing can be recorded on cam-1: its media folder takes nothing (EROFS)',
      ],
      ['no-ingest', { missingRoles: ['ingest'] }, 'bad: No ingest process runs'],
      ['no-worker', { missingRoles: ['worker'] }, 'bad: No worker runs'],
      [
        'listener-down',
        { listeners: [{ id: 'rtmp', host: 'h', detail: 'EADDRINUSE' }] },
        'bad: Listener rtmp on h does not run (EADDRINUSE)',
      ],
      ['listener-down', { listeners: [{ id: 'rtmp', host: 'h', detail: null }] }, 'bad: Listener rtmp on h does not run'],
      [
        'process-died',
        { crashes: [{ role: 'worker', host: 'h', count: 2, lastAtMs: 7, upTo: '9' }] },
        'warn: worker on h ended 2 times without being asked to',
      ],
      ['database-disk-low', { databaseLowBytes: 5 * 1024 ** 2 }, "warn: Only 5 MiB are left on the database's disk"],
      [
        'media-disk-low',
        { media: [{ name: 'cam-1', writeFault: null, lowBytes: 9.9 * 1024 ** 2 }] },
        'warn: Only 9 MiB are left on the media disk of cam-1',
      ],
      ['storage', { storage: ['3 files cannot be deleted'] }, 'warn: 3 files cannot be deleted'],
      ['plugin-failed', { plugins: [{ id: 'acme', error: 'no model' }] }, 'warn: Plugin acme failed: no model'],
      [
        'provider-unusable',
        { providers: [{ provider: 'cuda', host: 'h', reason: 'no driver' }] },
        'warn: Models cannot run on cuda on h: no driver',
      ],
      ['settings-unmatched', { unmatched: ['No stream matches "hal"'] }, 'warn: No stream matches "hal"'],
      ['streams-unknown', { streams: null }, 'warn: How the streams are is not known'],
      [
        'stream-trouble',
        { streams: [stream('Hall', { live: { measures: { ...someMeasures().live!.measures, noPictureMs: 3_000 }, atMs: NOW_MS } })] },
        'bad: Hall: No picture for 3 s while the sound goes on',
      ],
    ];
    for (const [code, facts, sentence] of cases) {
      expect(told(facts)).toEqual([sentence]);
      expect(judge(facts)[0]?.code).toBe(code);
    }
    expect(judge({ crashes: [{ role: 'worker', host: 'h', count: 1, lastAtMs: 7, upTo: '9' }] })[0]).toMatchObject({
      acknowledge: '9',
      sinceMs: 7,
    });
  });

  it('puts the gravest first, and of one weight what stands higher in the table', () => {
    const codes = judge({
      plugins: [{ id: 'acme', error: 'x' }],
      databaseFault: 'x',
      missingRoles: ['worker'],
      crashes: [{ role: 'worker', host: 'h', count: 1, lastAtMs: 7, upTo: '9' }],
      streams: [stream('Hall', { source: { isEnabled: true, state: 'failed', stateAtMs: 1, silentSinceMs: null } })],
    }).map(({ code }) => code);
    expect(codes).toEqual(['database-unwritable', 'no-worker', 'stream-trouble', 'process-died', 'plugin-failed']);
    expect(codes.map((code) => CAUSE_CODES.indexOf(code))).toEqual(
      codes.map((code) => CAUSE_CODES.indexOf(code)).toSorted((a, b) => a - b),
    );
  });

  it('names the analyzer that fails, whose, and since when', () => {
    const failing = stream('Main stage', { analysis: someAnalysis({ endings: [ended('failed', 60, 'ACME_BROKEN')] }) });
    const [cause] = judge({
      streams: [failing, stream('Hall')],
      failing: [{ streamId: failing.id, analyzerId: 'acme.door', sinceMs: 42 }],
    });
    expect(cause).toMatchObject({
      ...{ code: 'analysis-failing', level: 'bad', sinceMs: 42, analyzer: { id: 'acme.door', title: 'Door watch' } },
      text: 'Door watch of Main stage fails (ACME_BROKEN)',
    });
  });

  it('tells of failures now and then, and of several streams at once', () => {
    const some = { analysis: someAnalysis({ endings: [ended('done', 37), ended('failed', 3, 'ACME_BROKEN')] }) };
    expect(told({ streams: [stream('Hall', some)] })).toEqual(['warn: Door watch of Hall fails for 3 of 40 segments (ACME_BROKEN)']);
    expect(told({ streams: [stream('Hall', some), stream('Door', some)] })).toEqual([
      'warn: Door watch on 2 streams fails for 6 of 80 segments (ACME_BROKEN)',
    ]);
  });

  it('says how far analysis is behind, and what it leaves out', () => {
    const late = (waitedS: number, skipped: number) =>
      someAnalysis({
        waitingSinceMs: NOW_MS - waitedS * 1000,
        endings: [ended('done', 100 - skipped), ended('skipped', skipped, 'overload')],
      });
    expect(told({ streams: [stream('Hall', { analysis: late(62, 80) })] })).toEqual([
      'bad: Analysis of Hall is 62 s behind: 4 of 5 segments are skipped (Door watch: overload)',
    ]);
    expect(told({ streams: [stream('Hall', { analysis: late(62, 0) }), stream('Door', { analysis: late(40, 0) })] })).toEqual([
      'warn: Analysis on 2 streams is 62 s behind',
    ]);
    expect(told({ streams: [stream('Hall', { analysis: late(2, 10) })] })).toEqual([
      'warn: 1 of 10 segments of Hall are skipped (Door watch: overload)',
    ]);
  });

  it('says nothing of a stream of which all that is amiss is worth knowing only', () => {
    const irregular = stream('Hall', { media: { ...someMeasures().media!, longestKeyframeIntervalMs: 4_000 } });
    expect(irregular.issues.map(({ severity }) => severity)).toEqual(['info']);
    expect(told({ streams: [irregular] })).toEqual([]);
  });
});

describe(databaseUnreachable.name, () => {
  it('is bad, since the last answer', () => {
    expect(databaseUnreachable(7)).toMatchObject({ code: 'database-unreachable', level: 'bad', sinceMs: 7 });
  });
});

describe(fractionOf.name, () => {
  it.each([
    [0.5, 1, 2],
    [0.79, 4, 5],
    [0.67, 2, 3],
    [0.1, 1, 10],
    [0.05, 1, 20],
    [0.999, 19, 20],
    [1, 10, 10],
  ])('says of %f that it is %i of %i', (share, skipped, of) => {
    expect(fractionOf(share)).toEqual({ skipped, of });
  });
});
