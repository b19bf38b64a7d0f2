import type { AnalyzerFacts, CapacityFacts, CostSample, StreamFacts, WhatIf, WorkerFacts } from '../../src/core/capacity/facts.js';

export const AS_IT_IS: WhatIf = { moreStreams: 0, moreHosts: 0, analyzerId: null, allStreams: false };

export const aStream = (name: string, of: Partial<StreamFacts> = {}): StreamFacts => ({
  id: `id-${name}`,
  name,
  isPrivate: false,
  isLive: true,
  isEnabled: true,
  pixels: 1280 * 720,
  framesPerSecond: 30,
  keyframesPerSecond: 0.5,
  ...of,
});

export const anAnalyzer = (id: string, of: Partial<AnalyzerFacts> = {}): AnalyzerFacts => ({
  id,
  queue: 'default',
  configHash: 'hash',
  pluginId: `vedette.${id.split('.')[0]!}`,
  use: `vedette/${id.split('.')[0]!}`,
  solves: [],
  isStateful: false,
  wantsPictures: true,
  sampling: { fps: 5 },
  picture: { pixels: 640 * 360, isFixedSize: true },
  cheaperSampling: [],
  when: null,
  isGate: false,
  prefer: ['local'],
  reach: 'cloud',
  runsOn: () => true,
  ...of,
});

/** Thirty runs without spread: `cores` of analysis, no decode, unless said otherwise. */
export const aCost = (stream: StreamFacts, analyzer: AnalyzerFacts, cores: number, of: Partial<CostSample> = {}): CostSample => ({
  streamId: stream.id,
  analyzerId: analyzer.id,
  configHash: analyzer.configHash,
  queue: analyzer.queue,
  strategy: 'local',
  openRuns: 30,
  analysisRate: cores,
  decodeRate: 0,
  spread: 0,
  closedRuns: 0,
  closedRate: 0,
  gatedRuns: 0,
  moneyPerMediaSecond: null,
  pixels: stream.pixels,
  ...of,
});

export const aWorker = (id: string, hosts: number | null, of: Partial<WorkerFacts> = {}): WorkerFacts => ({
  id,
  machine: id,
  queues: 'all',
  hosts,
  cores: hosts,
  ...of,
});

export const capacityFacts = (of: Partial<CapacityFacts> = {}): CapacityFacts => ({
  windowMs: 900_000,
  streams: [],
  analyzers: [],
  strategies: [{ id: 'local', reach: 'worker', isStateless: false, standsInFor: null }],
  gates: [],
  costs: [],
  jobs: [],
  workers: [],
  remoteHosts: [],
  evidence: [],
  maxLagMs: 60_000,
  jobsPerHost: 1,
  ...of,
});
