import type { ComparedEvent, EventDifference, RangeDifference } from '../../agreement/range-difference.js';
import { csvOf } from '../../exposure/csv.js';
import type { BackfillDiffWire } from '../../wire/backfills.wire.js';

const MOST_EVENTS = 1_000;

export function diffWireOf({ range, events }: { readonly range: RangeDifference; readonly events: EventDifference }): BackfillDiffWire {
  const lists = [events.matched, events.onlyOld, events.onlyNew];
  return {
    segments: range.segments,
    detections: range.detections.map(([label, [matched, onlyOld, onlyNew]]) => ({ label, matched, onlyOld, onlyNew })),
    metrics: range.metrics.map(([key, [oldCount, oldSum, newCount, newSum]]) => {
      const [name, unit] = nameAndUnit(key);
      return { name, unit, oldCount, newCount, oldMean: meanOf(oldSum, oldCount), newMean: meanOf(newSum, newCount) };
    }),
    others: range.others.map(([type, [oldCount, newCount]]) => ({ type, oldCount, newCount })),
    events: {
      matched: events.matched.slice(0, MOST_EVENTS).map((pair) => ({ old: eventOf(pair.old), new: eventOf(pair.new) })),
      onlyOld: events.onlyOld.slice(0, MOST_EVENTS).map(eventOf),
      onlyNew: events.onlyNew.slice(0, MOST_EVENTS).map(eventOf),
      truncated: lists.some((list) => list.length > MOST_EVENTS),
    },
    examples: range.examples.map((example) => ({ ...example })),
  };
}

/** What both found, and only one of them: a line for each label, event and other type. */
export function diffCsv({ detections, events, others }: BackfillDiffWire): string {
  const names = [...new Set([...events.matched.map((pair) => pair.new), ...events.onlyOld, ...events.onlyNew].map(({ name }) => name))];
  const count = (list: readonly { readonly name: string }[], name: string): number => list.filter((one) => one.name === name).length;
  return csvOf(
    ['kind', 'name', 'matched', 'only_old', 'only_new'],
    [
      ...detections.map(({ label, matched, onlyOld, onlyNew }) => ['detection', label, matched, onlyOld, onlyNew]),
      ...names.sort().map((name) => [
        ...[
          'event',
          name,
          count(
            events.matched.map((pair) => pair.new),
            name,
          ),
        ],
        ...[count(events.onlyOld, name), count(events.onlyNew, name)],
      ]),
      ...others.map(({ type, oldCount, newCount }) => {
        const matched = Math.min(oldCount, newCount);
        return [type, '', matched, oldCount - matched, newCount - matched];
      }),
    ],
  );
}

const eventOf = ({ endPtsUs, ...event }: ComparedEvent) => ({ ...event, endPtsUs: endPtsUs === Number.MAX_SAFE_INTEGER ? null : endPtsUs });

function nameAndUnit(key: string): [string, string] {
  const at = key.lastIndexOf(' ');
  return at < 0 ? [key, ''] : [key.slice(0, at), key.slice(at + 1)];
}

const meanOf = (sum: number, count: number): number | null => (count === 0 ? null : sum / count);
