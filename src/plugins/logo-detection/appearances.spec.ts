import { describe, expect, it } from 'vitest';
import type { AnalysisResult, EventResult } from 'vedette/plugin';
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

  it('ends what is open when nothing more is known, at the last sample', () => {
    const course = new Course().show('xxx');
    course.appearances.endAll(course.emit);
    expect(course.phases).toEqual([
      ['start', 0],
      ['end', 2],
    ]);
  });
});
