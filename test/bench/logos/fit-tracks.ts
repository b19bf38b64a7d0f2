import type { AnalyzerDefinition } from 'vedette/plugin';
import type { Track } from '../../../src/plugins/logo-detection/sighting.js';
import { trackEvidence } from '../../../src/plugins/logo-detection/track-evidence.js';
import { iou, LEAST_IOU } from './evaluate.js';
import { reportFit, type FitClips, type FitExample } from './fit-report.js';
import type { Clip } from './scenes.js';
import type { Corners } from './truth.js';
import { VedetteMethod } from './vedette-method.js';

/** Weak tracks are what is to be learnt from as well. */
const KEEP_SCORE = 0.02;

/**
 * What the weights of a track's evidence are fitted to: everything the analyzer reports of the clips, each with its track as it
 * stood at the end of its segment.
 */
export async function fitTracks(definition: AnalyzerDefinition, sets: readonly FitClips[], modelsDir: string | undefined): Promise<void> {
  const examples: FitExample[] = [];
  const all = sets.flatMap(({ clips }) => clips);
  let seen = 0;
  let clipSeen: Clip | undefined;
  const method = new VedetteMethod(definition, { keepScore: KEEP_SCORE }, modelsDir, (clip, checkpoint, results) => {
    if (clip !== clipSeen) [clipSeen, seen] = [clip, 0];
    const tracks = new Map((checkpoint as unknown as { tracks: Track[] }).tracks.map((track) => [`logo-${track.id}`, track]));
    const { widthPx, heightPx, fps, frames } = clip.truth;
    for (const result of results.slice(seen)) {
      const track = result.type === 'detection' && result.trackId !== undefined ? tracks.get(result.trackId) : undefined;
      if (result.type !== 'detection' || track === undefined) continue;
      const { x, y, width, height } = result.box;
      const box: Corners = [x * widthPx, y * heightPx, (x + width) * widthPx, (y + height) * heightPx];
      const near = frames[Math.round((result.ptsUs / 1e6) * fps)]!.filter((logo) => logo.gallery && logo.brand === result.label);
      const own = near.find((logo) => iou(logo.box, box) >= LEAST_IOU);
      if (own?.ignore === true || (own === undefined && near.some((logo) => iou(logo.box, box) > 0.2))) continue;
      examples.push({ clip: all.indexOf(clip), values: { ...trackEvidence(track) }, right: own !== undefined });
    }
    seen = results.length;
  });
  for (const { clips, gallery } of sets) await method.run(clips, gallery);
  reportFit(examples, examples.filter(({ right }) => right).length, ['best', 'others', 'still']);
}
