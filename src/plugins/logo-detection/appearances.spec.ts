import { describe, expect, it } from 'vitest';
import type { AnalysisResult, EventResult, EvidenceResult } from 'vedette/plugin';
import { Appearances, type BrandSample } from './appearances.js';

const brand = (share = 0.01): BrandSample => ({ subjectId: 'b', label: 'B', share, score: 0.9, clarity: 0.5 });
const STEP_US = 400_000;

class Course {
  readonly events: EventResult[] = [];
  readonly emit = (result: AnalysisResult): void => void (result.type === 'event' && this.events.push(result));
  constructor(readonly appearances = new Appearances('e', 1_000_000)) {}
  /** `x` seen, `.` not, from sample `from` on. */
  show(course: string, from = 0): this {
    [...course].forEach((mark, i) =>
      this.appearances.sample((from + i) * STEP_US, 400, mark === 'x' ? [brand((from + i) / 1000)] : [], this.emit),
    );
    return this;
  }
  get phases(): [string, number][] {
    return this.events.map(({ phase, ptsUs }) => [phase, ptsUs / STEP_US]);
  }
}

describe(Appearances.name, () => {
  it('ends with the first sample without the brand, once the gap is too long', () => {
    const course = new Course().show('.xxx');
    expect(course.phases).toEqual([['start', 1]]);
    expect(course.show('....', 4).phases).toEqual([
      ['start', 1],
      ['end', 4],
    ]);
    expect(course.events[1]).toMatchObject({
      key: 'logo:e:b:400000',
      data: { label: 'B', subjectId: 'b', samples: 3, visibleMs: 1200, peakShare: 0.003, meanShare: 0.002 },
    });
  });

  it('lasts through a short gap, which does not count as seen', () => {
    const course = new Course().show('xx..xx....');
    expect(course.phases).toEqual([
      ['start', 0],
      ['end', 6],
    ]);
    expect(course.events[1]!.data).toMatchObject({ samples: 4, visibleMs: 1600 });
  });

  it('begins anew after a long gap, under another key', () => {
    const course = new Course().show('x.....x');
    expect(course.phases).toEqual([
      ['start', 0],
      ['end', 1],
      ['start', 6],
    ]);
    expect(new Set(course.events.map(({ key }) => key)).size).toBe(2);
  });

  it('is updated only if it was seen on the last sample, and not where it began', () => {
    const course = new Course().show('x');
    course.appearances.update(0, course.emit);
    course.show('x', 1).appearances.update(STEP_US, course.emit);
    course.show('.', 2).appearances.update(2 * STEP_US, course.emit);
    expect(course.phases).toEqual([
      ['start', 0],
      ['update', 1],
    ]);
  });

  it('goes on from its checkpoint as the same appearance', () => {
    const first = new Course().show('xx');
    const saved = JSON.parse(JSON.stringify(first.appearances.open)) as typeof first.appearances.open;
    const second = new Course(new Appearances('e', 1_000_000, saved)).show('xx....', 2);
    expect(second.phases).toEqual([['end', 4]]);
    expect(second.events[0]).toMatchObject({ key: first.events[0]!.key, data: { samples: 4 } });
  });

  describe('pictures', () => {
    const box = { x: 0.1, y: 0.1, width: 0.1, height: 0.1 };
    const evidence: EvidenceResult[] = [];
    const told: string[] = [];
    const emit = (result: AnalysisResult): void => {
      if (result.type === 'evidence') evidence.push(result);
      if (result.type === 'event') told.push(result.phase);
    };
    /** A segment: ranks of its samples, `null` where the brand is not seen. */
    const segment = (appearances: Appearances, from: number, ranks: readonly (number | null)[]): void => {
      ranks.forEach((rank, i) => {
        const brands = rank === null ? [] : [{ ...brand(), best: { box, rank } }];
        appearances.sample((from + i) * STEP_US, 400, brands, emit);
      });
      appearances.update((from + ranks.length - 1) * STEP_US, emit);
    };
    const asked = (): [number, number][] => evidence.splice(0).map(({ ptsUs, rank }) => [ptsUs / STEP_US, rank]);

    it('are kept of the best sample of a segment, and again where another is clearly better', () => {
      const appearances = new Appearances('e', 1_000_000);
      segment(appearances, 0, [0.2, 0.5, 0.4]);
      expect(asked()).toEqual([[1, 0.5]]);
      segment(appearances, 3, [0.55, 0.3]);
      expect(asked()).toEqual([]);
      // From its checkpoint, elsewhere.
      const elsewhere = new Appearances('e', 1_000_000, JSON.parse(JSON.stringify(appearances.open)) as typeof appearances.open);
      segment(elsewhere, 5, [0.6, 0.9, 0.8]);
      expect(asked()).toEqual([[6, 0.9]]);
    });

    it('come with an event of the same segment, whichever phase it is in', () => {
      const appearances = new Appearances('e', 1_000_000);
      told.length = 0;
      segment(appearances, 0, [null, 0.2]);
      expect([told.splice(0), asked()]).toEqual([['start'], [[1, 0.2]]]);
      segment(appearances, 2, [0.4, null]);
      expect([told.splice(0), asked()]).toEqual([['update'], [[2, 0.4]]]);
      segment(appearances, 4, [0.9, null, null, null, null]);
      expect([told.splice(0), asked()]).toEqual([['end'], [[4, 0.9]]]);
    });
  });

  it('ends what is open when nothing more is known, at the last sample', () => {
    const course = new Course().show('xxx');
    course.appearances.endAll(course.emit);
    expect(course.phases).toEqual([
      ['start', 0],
      ['end', 2],
    ]);
  });
});
