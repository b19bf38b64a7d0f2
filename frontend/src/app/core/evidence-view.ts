import type { EventWire, EvidenceWire } from '../api/models';
import { clockTime, humanName, percent } from './format';

/** The picture kept of an event, and what is said of it to people. */
export interface EvidenceView {
  readonly event: EventWire;
  readonly evidence: EvidenceWire;
  readonly heading: string;
  /** When it was on show, on the wall clock. */
  readonly time: string;
  readonly alt: string;
  readonly facts: readonly { readonly name: string; readonly value: string }[];
}

export function evidenceView(event: EventWire): EvidenceView | null {
  const { evidence, data } = event;
  if (evidence === null) return null;
  const label = data?.['label'];
  const heading = typeof label === 'string' ? label : humanName(event.name);
  const time = clockTime(Date.parse(event.startAt) + (evidence.ptsUs - event.startPtsUs) / 1000);
  const shares = [
    ['Score', data?.['meanScore']],
    ['Clarity', data?.['clarity']],
    ['Of the frame', evidence.box.width * evidence.box.height],
  ] as const;
  const facts = shares.flatMap(([name, value]) => (typeof value === 'number' ? [{ name, value: percent(value) }] : []));
  return { event, evidence, heading, time, alt: `${heading}, as seen at ${time}`, facts };
}

/** Where the box lies in the picture, in percent of its sides. */
export function outlineIn({ box, region }: Pick<EvidenceWire, 'box' | 'region'>): {
  left: number;
  top: number;
  width: number;
  height: number;
} {
  const [perX, perY] = [100 / region.width, 100 / region.height];
  return { left: (box.x - region.x) * perX, top: (box.y - region.y) * perY, width: box.width * perX, height: box.height * perY };
}
