import { OrtModels } from '../../../src/core/inference/ort-models.js';
import { logoDetectionConfig } from '../../../src/plugins/logo-detection/config.js';
import { FullSearch } from '../../../src/plugins/logo-detection/full-search.js';
import { GrayPyramid } from '../../../src/plugins/logo-detection/gray-pyramid.js';
import { LogoNet } from '../../../src/plugins/logo-detection/logo-net.js';
import { ReferenceIndexer } from '../../../src/plugins/logo-detection/reference-index.js';
import { Verifier, type Verified } from '../../../src/plugins/logo-detection/verification.js';
import { decodedFrames } from './clip-frames.js';
import { iou, LEAST_IOU } from './evaluate.js';
import { reportFit, type FitClips, type FitExample } from './fit-report.js';
import type { Corners, TrueLogo } from './truth.js';
import { modelFolders } from './vedette-method.js';

const FRAMES_PER_CLIP = 5;
/** A box that overlaps its logo by this much, but not enough to be right, is neither right nor wrong. */
const ABOUT_RIGHT = 0.2;
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** What the verification's weights are fitted to: all candidates of single frames, each right or wrong. */
export async function fitCandidates(sets: readonly FitClips[], modelsDir: string | undefined): Promise<void> {
  const config = logoDetectionConfig.parse({});
  const net = new LogoNet(new OrtModels(modelFolders(modelsDir)), config.featuresModel, config.correlationModel);
  await net.open();
  const search = new FullSearch(net, { ...config, maxPerLook: config.maxPerReference });
  const verifier = new Verifier(net);
  const spec = { widthPx: config.widthPx, heightPx: config.heightPx, fit: 'inside', format: 'gray8' } as const;
  const examples: FitExample[] = [];
  let [positives, number] = [0, 0];
  for (const { clips, gallery } of sets) {
    const index = await new ReferenceIndexer(net, quiet, config.maxReferences).index(gallery.set);
    for (const clip of clips) {
      const { frames, widthPx: clipWidthPx } = clip.truth;
      const indices = Array.from({ length: FRAMES_PER_CLIP }, (_, i) => Math.floor(((i + 0.5) * frames.length) / FRAMES_PER_CLIP));
      for (const [at, { data, widthPx, heightPx }] of await decodedFrames(clip, indices, spec)) {
        const truth = frames[at]!.filter((logo) => logo.gallery);
        positives += truth.filter((logo) => !logo.ignore).length;
        const picture = new GrayPyramid({ data, widthPx, heightPx });
        const verified: Verified[] = [];
        for (const candidate of await search.search(picture, index)) verified.push(await verifier.verify(picture, candidate));
        examples.push(...judged(verified, truth, clipWidthPx / widthPx).map((example) => ({ ...example, clip: number })));
      }
      number++;
    }
  }
  reportFit(examples, positives, ['net', 'headOn', 'correlation', 'parts']);
  reportPruning(examples);
  await net.close();
}

/** Best first; each logo is found once. */
function judged(verified: readonly Verified[], truth: readonly TrueLogo[], scale: number): Omit<FitExample, 'clip'>[] {
  const taken = new Set<TrueLogo>();
  return verified
    .toSorted((a, b) => b.score - a.score)
    .flatMap(({ look, bounds, evidence }) => {
      const box: Corners = [bounds.x0 * scale, bounds.y0 * scale, bounds.x1 * scale, bounds.y1 * scale];
      const near = truth.filter((logo) => logo.brand === look.subjectId && iou(logo.box, box) > ABOUT_RIGHT);
      const own = near.find((logo) => iou(logo.box, box) >= LEAST_IOU);
      if (own === undefined ? near.length > 0 : own.ignore || taken.has(own)) return [];
      if (own !== undefined) taken.add(own);
      return [{ values: { ...evidence }, right: own !== undefined }];
    });
}

/** What pruning by the search's score alone would cost and save. */
function reportPruning(examples: readonly FitExample[]): void {
  const [rights, wrongs] = [examples.filter(({ right }) => right), examples.filter(({ right }) => !right)];
  const ascending = rights.map(({ values }) => values['net']!).sort((a, b) => a - b);
  for (const share of [0.002, 0.01, 0.02, 0.05]) {
    const least = ascending[Math.floor(share * ascending.length)] ?? 0;
    const kept = wrongs.filter(({ values }) => values['net']! >= least).length / Math.max(1, wrongs.length);
    const percent = (value: number): string => `${(value * 100).toFixed(1)} %`;
    console.log(`search score from ${least.toFixed(3)}: all but ${percent(share)} of the right ones, ${percent(kept)} of the wrong`);
  }
}
