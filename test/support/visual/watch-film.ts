import { fileURLToPath } from 'node:url';
import { SilentLogger } from '../fakes/silent-logger.js';
import { ReferenceSets } from '../../../src/core/analysis/host/reference-sets.js';
import { SegmentRunner } from '../../../src/core/analysis/host/segment-runner.js';
import { OrtModels } from '../../../src/core/inference/ort-models.js';
import {
  type AnalysisResult,
  type Checkpoint,
  type EventResult,
  type MetricResult,
  MODELS,
  wantsPictures,
} from '../../../src/core/plugin-api/index.js';
import type { RegisteredAnalyzer } from '../../../src/core/plugin-host/plugin-registry.js';
import visualAnalysis from '../../../src/plugins/visual-analysis/index.js';
import { FakePluginRegistry } from '../fakes/fake-plugin-registry.js';
import { jobFor, segmentClip } from '../analysis/segments.js';

const never = new AbortController().signal;

/** What the analyzers said of a film; times are in seconds of the film. */
export interface Watched {
  readonly events: readonly { readonly name: string; readonly fromS: number; readonly toS: number }[];
  readonly metric: (name: string) => readonly { readonly atS: number; readonly value: number }[];
  /** CPU per second of media, by analyzer, decode left out. */
  readonly cpuMsPerS: Readonly<Record<string, number>>;
}

/**
 * Segments a film, decodes and analyses it as a worker does, with the analyzers' defaults.
 * @param isWanted of the analyzers of pictures and sound; those of pictures when absent
 */
export async function watchFilm(
  path: string,
  mediaDir: string,
  isWanted: (analyzer: RegisteredAnalyzer) => boolean = ({ input }) => wantsPictures(input),
): Promise<Watched> {
  const stream = await segmentClip(path, mediaDir);
  const models = new OrtModels([fileURLToPath(new URL('../../../models', import.meta.url))]);
  const registry = FakePluginRegistry.of([{ plugin: visualAnalysis }], new Map([[MODELS, models]]));
  const analyzers = registry.analyzers.filter(isWanted);
  const runner = new SegmentRunner(registry, {
    dataDir: mediaDir,
    executedBy: 'test',
    references: new ReferenceSets(() => undefined),
    logger: new SilentLogger(),
  });
  const results: AnalysisResult[] = [];
  const checkpoints: Record<string, Checkpoint | undefined> = {};
  const cpuMs: Record<string, number> = {};
  try {
    for (let sequence = 0; sequence < stream.facts.length; sequence++) {
      const lastOfEpoch = sequence === stream.facts.length - 1;
      const outcome = await runner.run(jobFor(stream, sequence, analyzers, { checkpoints, lastOfEpoch }), mediaDir, never);
      for (const [i, { definition }] of analyzers.entries()) {
        const task = outcome.tasks[i]!;
        if (task.status !== 'done') throw new Error(`${definition.id}, segment ${sequence}: ${JSON.stringify(task)}`);
        results.push(...task.results);
        cpuMs[definition.id] = (cpuMs[definition.id] ?? 0) + (task.cpuMs ?? 0);
        if (task.checkpoint !== undefined) {
          checkpoints[definition.id] = { epochId: stream.epochId, sequence, data: JSON.parse(JSON.stringify(task.checkpoint)) };
        }
      }
    }
  } finally {
    await runner.close();
  }
  const originUs = stream.facts[0]!.ptsStartUs;
  const endUs = stream.facts.at(-1)!.ptsEndUs;
  const seconds = (ptsUs: number): number => (ptsUs - originUs) / 1_000_000;
  const said = results.filter((result): result is EventResult => result.type === 'event');
  const events = said
    .filter(({ phase }) => phase === 'start')
    .map(({ key, name, ptsUs }) => {
      const end = said.find((event) => event.key === key && event.phase === 'end');
      return { name, fromS: seconds(ptsUs), toS: seconds(end?.ptsUs ?? endUs) };
    });
  return {
    events,
    metric: (name) =>
      results
        .filter((result): result is MetricResult => result.type === 'metric' && result.name === name)
        .map(({ ptsUs, value }) => ({ atS: seconds(ptsUs), value })),
    cpuMsPerS: Object.fromEntries(Object.entries(cpuMs).map(([id, ms]) => [id, ms / seconds(endUs)])),
  };
}
