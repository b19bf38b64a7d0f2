import type { CapacityWire, ShadowWire, StrategyWire } from '../api/models';

/** Samples of where work runs, for tests; each takes what the test is about. */
export type StrategyWorker = StrategyWire['workers'][number];
export type StrategyAnalyzer = StrategyWire['analyzers'][number];

export const aWorkerView = (over: Partial<StrategyWorker> = {}): StrategyWorker => ({
  instanceId: 'w1',
  host: 'north',
  status: 'up',
  detail: null,
  breaker: 'closed',
  restsUntil: null,
  failuresInRow: 0,
  msPerMediaSecond: {},
  report: {},
  ...over,
});

export const anAllowedAnalyzer = (over: Partial<StrategyAnalyzer> = {}): StrategyAnalyzer => ({
  id: 'objects',
  rank: 1,
  of: 1,
  deadlineMs: null,
  budget: null,
  spent: { today: 0, thisMonth: 0 },
  ...over,
});

export const aStrategy = (over: Partial<StrategyWire> = {}): StrategyWire => ({
  id: 'local',
  title: 'In the worker',
  pluginId: 'strategy-local',
  reach: 'worker',
  carriesState: true,
  solves: null,
  tasks: null,
  analyzers: [],
  budget: null,
  spent: { today: 0, thisMonth: 0 },
  workers: [aWorkerView()],
  lastHour: { runs: 0, failed: 0, moved: 0, wallMsP50: null, wallMsP95: null, cost: 0 },
  ...over,
});

export const aShadow = (over: Partial<ShadowWire> = {}): ShadowWire => ({
  analyzerId: 'objects',
  strategy: 'local',
  shadowStrategy: 'cloud-google',
  compared: 40,
  skipped: 0,
  failed: 0,
  agreement: 0.82,
  matched: 82,
  onlyMain: 10,
  onlyShadow: 8,
  mainWallMsP50: 240,
  mainWallMsP95: 400,
  shadowWallMsP50: 900,
  shadowWallMsP95: 1_600,
  mainCostPerRun: 0,
  shadowCostPerRun: 0.003,
  lastTrouble: null,
  ...over,
});

export const aCapacity = (over: Partial<CapacityWire> = {}): CapacityWire => ({
  at: '2026-11-23T10:00:00.000Z',
  question: { windowMs: 900_000, moreStreams: 0, moreHosts: 0, analyzerId: null, allStreams: false },
  verdict: 'fits',
  reasons: [],
  evidenceAgrees: null,
  liveStreams: 4,
  countedStreams: 4,
  utilisation: 0.45,
  gatesOpenUtilisation: 0.45,
  demandCores: 1.8,
  supplyCores: 4,
  usedCores: 1.6,
  spareStreams: 3,
  gatesOpenDemandCores: 1.8,
  usableShare: 0.8,
  busyShare: 0.95,
  shareIsMeasured: false,
  queues: [],
  lanes: [],
  demands: [],
  demandsLeftOut: 0,
  analyzers: [],
  pools: [],
  storage: [],
  changes: [],
  cheapest: null,
  lossless: null,
  ...over,
});

type Step = NonNullable<CapacityWire['cheapest']>['steps'][number];

export const aStep = (over: Partial<Step> = {}): Step => ({
  kind: 'lower-sampling',
  subject: 'objects',
  title: '',
  about: {},
  settings: [],
  loses: null,
  moneyPerDay: 0,
  priceNote: null,
  gain: 'estimated',
  gainNote: null,
  ...over,
});
