import { describe, expect, it } from 'vitest';
import { anEvent, someEvidence } from '../testing/wire-samples';
import { evidenceView, outlineIn } from './evidence-view';
import { clockTime } from './format';

describe(evidenceView.name, () => {
  it('says whose picture it is, when it was on show, and how sure that is', () => {
    const evidence = someEvidence({ eventId: '3', ptsUs: 4_500_000 });
    const event = anEvent(3, { name: 'logo', data: { label: 'Acme', meanScore: 0.91, clarity: 0.5 }, evidence });
    const time = clockTime(Date.parse(event.startAt) + 1_500);
    expect(evidenceView(event)).toMatchObject({
      ...{ heading: 'Acme', time, alt: `Acme, as seen at ${time}` },
      facts: [
        { name: 'Score', value: '91 %' },
        { name: 'Clarity', value: '50 %' },
        { name: 'Of the frame', value: '2 %' },
      ],
    });
  });

  it('goes by the name of an event that has no label, and is none where nothing is kept', () => {
    expect(evidenceView(anEvent(1, { name: 'acme.door-open', evidence: someEvidence() }))).toMatchObject({ heading: 'Door open' });
    expect(evidenceView(anEvent(1))).toBeNull();
  });
});

describe(outlineIn.name, () => {
  it('is where the box lies in what the picture shows', () => {
    const region = { x: 0.4, y: 0, width: 0.4, height: 0.5 };
    expect(outlineIn(someEvidence({ box: { x: 0.5, y: 0.25, width: 0.2, height: 0.1 }, region }))).toEqual({
      left: expect.closeTo(25, 6),
      top: expect.closeTo(50, 6),
      width: expect.closeTo(50, 6),
      height: expect.closeTo(20, 6),
    });
  });
});
