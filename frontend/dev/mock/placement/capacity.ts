import type { CapacityWire } from '../../../src/app/api/models';

type Queue = CapacityWire['queues'][number];
type Cost = CapacityWire['analyzers'][number];
const OBJECTS = 'object-detection.objects';
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
  reasons: [{ code: 'room', text: 'The fullest hosts are used to 54 % of what analysis may count on.', about: { share: 0.54 } }],
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
const step = (kind: Step['kind'], title: string, over: Partial<Step> = {}): Step => ({
  kind,
  subject: OBJECTS,
  title,
  about: {},
  settings: [],
  loses: null,
  moneyPerDay: 0,
  priceNote: null,
  gain: 'estimated',
  gainNote: null,
  ...over,
});
const setting = (path: string[], value: unknown): Step['settings'][number] => ({
  pluginId: 'object-detection',
  analyzerId: OBJECTS,
  path,
  value,
});
/** Too much is asked, and three changes together would mend it. */
export const CROWDED: CapacityWire = {
  ...FITS,
  verdict: 'does-not-fit',
  reasons: [
    {
      code: 'pools-full',
      text: 'The hosts that take default are asked for 134 % of what analysis may count on.',
      about: { names: ['default'], more: 0, share: 1.34 },
    },
    {
      code: 'lane-too-slow',
      text: 'main-stage on default takes 1.21 host-seconds a second.',
      about: { stream: 'main-stage', queue: 'default', load: 1.21 },
    },
    {
      code: 'overload-happened',
      text: 'Within the window 214 runs of default were skipped for overload.',
      about: { names: ['default'], more: 0, count: 214 },
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
      step('motion-gate', 'object-detection.objects only where something moves', {
        settings: [setting(['when'], 'motion')],
        loses: 'segments without motion get no results of it (unfit for what watches for stillness)',
        gain: 'measured',
        gainNote: 'by the share of segments for which the gate was closed on these streams',
      }),
      step('lower-sampling', 'object-detection.objects at 2.5 fps instead of 5 fps', {
        about: { from: 5, to: 2.5 },
        settings: [setting(['config', 'fps'], 2.5)],
        loses: 'what is on show only between the frames it then sees',
        gain: 'measured',
        gainNote: 'by the frames it saw and what one cost',
      }),
      step('route-to-cloud', 'object-detection.objects by cloud-google in its place', {
        about: { strategy: 'cloud-google' },
        settings: [setting(['execution', 'prefer'], ['cloud-google', 'remote-lan', 'local'])],
        moneyPerDay: 4.8,
        loses: 'its results are those of the other service; private streams stay here',
        gainNote: 'the analysis leaves; the decode is counted as staying, for the pictures that are sent',
      }),
    ],
    config: [
      'plugins:',
      '  - use: vedette/object-detection',
      '    analyzers:',
      '      object-detection.objects:',
      '        when: motion',
      '        config: { fps: 2.5 }',
      '        execution: { prefer: [cloud-google, remote-lan, local] }',
    ],
    utilisationAfter: 0.74,
    heaviestLaneAfter: 0.7,
    fits: true,
  },
};
