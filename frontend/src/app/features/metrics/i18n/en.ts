export const en = {
  title: 'Metrics',
  note: '2 min, at the frame on show',
  looking: 'Looking for measures…',
  none: 'Nothing was measured here yet. Measures show as soon as an analyzer takes one.',
  all: { one: '{{count}} more', other: '{{count}} more' },
  colours: 'Dominant colours',
};
export type MetricsTexts = typeof en;
