import type { CapacityWire } from '../../../src/app/api/models';

type Queue = CapacityWire['queues'][number];
type Cost = CapacityWire['analyzers'][number];
type Step = NonNullable<CapacityWire['cheapest']>['steps'][number];

const queue = (name: string, over: Partial<Queue>, observed: Partial<Queue['observed']> = {}): Queue => ({
  queue: name,
  demandCores: 2,
  supplyCores: 6,
  hosts: 6,
  utilisation: 0.4,
  gatesOpenUtilisation: 0.4,
  expectedWaitMs: 40,
  expectedLagMs: 400,
  observed: {
    earlierLagMs: 400,
    laterLagMs: 420,
    p95LagMs: 900,
    oldestWaitingMs: 0,
    overloadSkips: 0,
    failedRuns: 0,
    finishedRuns: 900,
    ...observed,
  },
  ...over,
});
const cost = (
  analyzerId: string,
  queue: string,
  streams: number,
  cpuSecondsPerStreamMinute: number,
  share: number,
  moneyPerDay = 0,
): Cost => ({
  analyzerId,
  queue,
  streams,
  streamsUnknown: 0,
  cpuSecondsPerStreamMinute,
  gatesOpenCpuSecondsPerStreamMinute: cpuSecondsPerStreamMinute,
  share,
  gateClosedShare: null,
  moneyPerDay,
  samples: 240,
  spread: 0.1,
  confidence: 'high',
});

/** There is room. */
export const FITS: CapacityWire = {
  at: '2026-11-26T10:00:00.000Z',
  question: { windowMs: 900_000, moreStreams: 0, moreHosts: 0, analyzerId: null, allStreams: false },
  verdict: 'fits',
  reasons: [{ code: 'room', text: 'The fullest hosts are used to 54 % of what analysis may count on.' }],
  evidenceAgrees: true,
  liveStreams: 6,
  countedStreams: 6,
  utilisation: 0.54,
  gatesOpenUtilisation: 0.71,
  demandCores: 3.2,
  gatesOpenDemandCores: 4.2,
  supplyCores: 6,
  usedCores: 2.9,
  usableShare: 0.75,
  busyShare: 0.48,
  shareIsMeasured: true,
  spareStreams: 3,
  queues: [
    queue('default', { utilisation: 0.54, gatesOpenUtilisation: 0.71, demandCores: 2.4 }),
    queue('visual_analysis', { utilisation: 0.12, demandCores: 0.7 }),
    queue('logo_detection', { utilisation: null, gatesOpenUtilisation: null, demandCores: 0, hosts: 0, supplyCores: 0 }),
  ],
  analyzers: [
    cost('object-detection.objects', 'default', 6, 22.4, 0.71, 1.6),
    cost('visual-analysis.picture', 'visual_analysis', 6, 5.8, 0.18),
    cost('logo-detection', 'logo_detection', 1, 21.3, 0.11),
  ],
  lanes: [],
  demands: [],
  demandsLeftOut: 0,
  pools: [],
  storage: [],
  changes: [],
  cheapest: null,
  lossless: null,
};
const step = (title: string, over: Partial<Step> = {}): Step => ({
  kind: 'lower-sampling',
  title,
  loses: null,
  moneyPerDay: 0,
  priceNote: null,
  gain: 'estimated',
  gainNote: null,
  ...over,
});
/** Too much is asked, and three changes together would mend it. */
export const CROWDED: CapacityWire = {
  ...FITS,
  verdict: 'does-not-fit',
  reasons: [
    { code: 'pools-full', text: 'The hosts that take default are asked for 134 % of what analysis may count on.' },
    {
      code: 'lane-too-slow',
      text: "main-stage on default takes 1.21 host-seconds a second. A stream's queue is worked through in order, by one host at a time: more hosts do not help, only cheaper sampling, a gate, fewer analyzers in that queue, or a plugin that has them in several queues.",
    },
    {
      code: 'overload-happened',
      text: 'Within the window 214 runs of default were skipped for overload. If nothing has been changed since, believe this and not the model.',
    },
  ],
  utilisation: 1.34,
  gatesOpenUtilisation: 1.52,
  demandCores: 8.1,
  usedCores: 5.9,
  countedStreams: 14,
  spareStreams: 0,
  queues: [
    queue(
      'default',
      { utilisation: 1.34, gatesOpenUtilisation: 1.52, demandCores: 7.4 },
      { p95LagMs: 24_000, overloadSkips: 214, failedRuns: 9 },
    ),
    queue('visual_analysis', { utilisation: 0.86, gatesOpenUtilisation: 0.86, demandCores: 0.7 }),
    queue('logo_detection', { utilisation: null, gatesOpenUtilisation: null, demandCores: 0.9, hosts: 0, supplyCores: 0 }),
  ],
  cheapest: {
    steps: [
      step('On studio: 8 analysis hosts instead of 4, one for each core'),
      step('object-detection.objects only where something moves', {
        kind: 'motion-gate',
        loses: 'segments without motion get no results of it (unfit for what watches for stillness)',
        gain: 'measured',
        gainNote: 'by the share of segments for which the gate was closed on these streams',
      }),
      step('object-detection.objects also on cloud-google', {
        kind: 'route-to-cloud',
        moneyPerDay: 4.8,
        priceNote: 'by the price list of cloud-google',
        loses: 'private streams stay here',
      }),
    ],
    config: [
      'analysis:',
      '  hosts: 8  # on studio',
      'plugins:',
      '  - use: vedette/object-detection',
      '    analyzers:',
      '      object-detection.objects:',
      '        when: motion',
      '        execution: { prefer: [remote-lan, local, cloud-google] }',
    ],
    utilisationAfter: 0.74,
    heaviestLaneAfter: 0.7,
    fits: true,
  },
};
