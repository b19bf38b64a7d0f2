/** Where work runs, as a busy installation would tell it: `--work <scene>` of the mock server. */
const spent = (today, thisMonth) => ({ today, thisMonth });
const GB = 1e9;

const host = (name, over) => ({
  url: `https://${name}.lan:8787`,
  name,
  state: 'up',
  reason: null,
  announced: true,
  version: '0.1.0',
  platform: 'linux x64',
  analyzers: ['object-detection 1.0.0', 'visual-analysis 1.0.0'],
  capacity: 8,
  running: 3,
  waiting: 0,
  own: 2,
  rssBytes: 2.1 * GB,
  loadAverage: [3.4, 3.1, 2.8],
  msPerJob: {},
  ...over,
});

const HOSTS = [
  host('attic', { running: 8, waiting: 5, loadAverage: [8.6, 8.1, 7.2] }),
  host('cellar', { capacity: 4, running: 1, rssBytes: 0.9 * GB }),
  host('garage', { state: 'out', reason: 'connect ECONNREFUSED 192.168.1.44:8787; tried again in 22 s', running: 0, analyzers: [] }),
];

const worker = (n, over = {}) => ({
  instanceId: `worker-${n}`,
  host: n === 1 ? 'studio' : 'annex',
  status: 'up',
  detail: null,
  breaker: 'closed',
  msPerMediaSecond: {},
  report: {},
  ...over,
});
const allowed = (id, rank, of, over = {}) => ({ id, rank, of, deadlineMs: null, budget: null, spent: spent(0, 0), ...over });
const OBJECTS = { deadlineMs: 4_000, budget: { perDay: 2, perMonth: null }, spent: spent(1.5, 18.24) };

const STRATEGIES = [
  {
    id: 'local',
    title: 'In the worker',
    pluginId: 'strategy-local',
    reach: 'worker',
    carriesState: true,
    tasks: null,
    analyzers: [
      allowed('object-detection.objects', 2, 3, OBJECTS),
      allowed('visual-analysis.picture', 1, 1),
      allowed('logo-detection', 1, 1),
    ],
    budget: null,
    spent: spent(0, 0),
    workers: [
      worker(1, { msPerMediaSecond: { 'object-detection.objects': 410, 'visual-analysis.picture': 96, 'logo-detection': 355 } }),
      worker(2, { msPerMediaSecond: { 'object-detection.objects': 388, 'visual-analysis.picture': 88 } }),
    ],
    lastHour: { runs: 7214, failed: 3, moved: 412, wallMsP50: 212, wallMsP95: 1_180, cost: 0 },
  },
  {
    id: 'remote-lan',
    title: 'Worker hosts of the own network',
    pluginId: 'strategy-remote-lan',
    reach: 'lan',
    carriesState: true,
    tasks: null,
    analyzers: [allowed('object-detection.objects', 1, 3, OBJECTS)],
    budget: null,
    spent: spent(0, 0),
    workers: [
      worker(1, { msPerMediaSecond: { 'object-detection.objects': 145 }, report: { hosts: HOSTS } }),
      worker(2, {
        status: 'degraded',
        detail: '2 of 3 hosts are connected',
        breaker: 'half-open',
        msPerMediaSecond: { 'object-detection.objects': 152 },
        report: { hosts: [HOSTS[0], { ...HOSTS[1], state: 'resting', reason: 'two jobs in a row were answered with an error' }, HOSTS[2]] },
      }),
    ],
    lastHour: { runs: 5380, failed: 41, moved: 0, wallMsP50: 320, wallMsP95: 940, cost: 0 },
  },
  {
    id: 'cloud-google',
    title: 'Google Cloud Vision',
    pluginId: 'strategy-cloud',
    reach: 'cloud',
    carriesState: false,
    tasks: ['object-detection', 'logo-detection', 'text'],
    analyzers: [allowed('object-detection.objects', 3, 3, OBJECTS)],
    budget: { perDay: 2.5, perMonth: 20 },
    spent: spent(1.5, 18.24),
    workers: [
      worker(1, { status: 'down', detail: 'VD_CLOUD_AUTH: the provider refuses the key', breaker: 'open' }),
      worker(2, { status: 'down', detail: 'VD_CLOUD_AUTH: the provider refuses the key', breaker: 'open' }),
    ],
    lastHour: { runs: 0, failed: 0, moved: 0, wallMsP50: null, wallMsP95: null, cost: 0 },
  },
];

const SHADOWS = [
  {
    analyzerId: 'object-detection.objects',
    strategy: 'remote-lan',
    shadowStrategy: 'cloud-google',
    compared: 214,
    skipped: 12,
    failed: 5,
    agreement: 0.78,
    matched: 1_204,
    onlyMain: 201,
    onlyShadow: 138,
    mainWallMsP50: 320,
    mainWallMsP95: 940,
    shadowWallMsP50: 1_240,
    shadowWallMsP95: 3_820,
    mainCostPerRun: 0,
    shadowCostPerRun: 0.0045,
    lastTrouble: 'VD_CLOUD_AUTH: the provider refuses the key',
  },
  {
    analyzerId: 'logo-detection',
    strategy: 'local',
    shadowStrategy: 'remote-lan',
    compared: 52,
    skipped: 0,
    failed: 0,
    agreement: null,
    matched: 0,
    onlyMain: 0,
    onlyShadow: 0,
    mainWallMsP50: 710,
    mainWallMsP95: 1_020,
    shadowWallMsP50: 402,
    shadowWallMsP95: 655,
    mainCostPerRun: 0,
    shadowCostPerRun: 0,
    lastTrouble: null,
  },
];

const queue = (name, over) => ({
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
    ...over.observed,
  },
  ...over.of,
});
const cost = (analyzerId, streams, cpu, share, moneyPerDay = 0) => ({
  analyzerId,
  streams,
  cpuSecondsPerStreamMinute: cpu,
  share,
  moneyPerDay,
});

const FITS = {
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
  supplyCores: 6,
  usedCores: 2.9,
  spareStreams: 3,
  queues: [
    queue('default', { of: { utilisation: 0.54, gatesOpenUtilisation: 0.71, demandCores: 2.4 } }),
    queue('visual_analysis', { of: { utilisation: 0.12, demandCores: 0.7 } }),
    queue('logo_detection', { of: { utilisation: null, gatesOpenUtilisation: null, demandCores: 0, hosts: 0, supplyCores: 0 } }),
  ],
  analyzers: [
    cost('object-detection.objects', 6, 22.4, 0.71, 1.6),
    cost('visual-analysis.picture', 6, 5.8, 0.18),
    cost('logo-detection', 1, 21.3, 0.11),
  ],
  cheapest: null,
};
const step = (title, over = {}) => ({
  kind: 'lower-sampling',
  title,
  loses: null,
  moneyPerDay: 0,
  priceNote: null,
  gain: 'estimated',
  gainNote: null,
  ...over,
});
const CROWDED = {
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
    queue('default', {
      of: { utilisation: 1.34, gatesOpenUtilisation: 1.52, demandCores: 7.4 },
      observed: { p95LagMs: 24_000, overloadSkips: 214, failedRuns: 9 },
    }),
    queue('visual_analysis', { of: { utilisation: 0.86, gatesOpenUtilisation: 0.86, demandCores: 0.7 } }),
    queue('logo_detection', { of: { utilisation: null, gatesOpenUtilisation: null, demandCores: 0.9, hosts: 0, supplyCores: 0 } }),
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

export const SCENES = {
  /** One machine, nothing configured, no report of capacity. */
  single: {
    strategies: [
      {
        ...STRATEGIES[0],
        analyzers: STRATEGIES[0].analyzers.map((one) => ({ ...one, rank: 1, of: 1, deadlineMs: null, budget: null, spent: spent(0, 0) })),
        workers: [STRATEGIES[0].workers[0]],
        lastHour: { ...STRATEGIES[2].lastHour },
      },
    ],
    shadows: [],
    capacity: null,
  },
  fits: { strategies: STRATEGIES, shadows: SHADOWS, capacity: FITS },
  crowded: { strategies: STRATEGIES, shadows: SHADOWS, capacity: CROWDED },
};

/** Processes on three machines, one of which lost some. */
export function instancesOf(scene, nowMs, bootMs) {
  const one = (id, role, on, pid, over = {}) => ({
    id,
    role,
    host: on,
    pid,
    startedAt: new Date(bootMs - 86_400_000).toISOString(),
    heartbeatAt: new Date(nowMs - 900).toISOString(),
    alive: true,
    ...over,
  });
  const near = ['api', 'ingest', 'worker'].map((role, i) => one(role, role, 'studio', 4_000 + i));
  if (scene === 'single') return near;
  return [
    ...near,
    one('worker-2', 'worker', 'annex', 811),
    one('ingest-2', 'ingest', 'annex', 790),
    one('worker-3', 'worker', 'annex', 702, { alive: false, heartbeatAt: new Date(nowMs - 720_000).toISOString() }),
  ];
}
