import { OrtModels } from '../../../src/core/inference/ort-models.js';
import { logoDetectionConfig } from '../../../src/plugins/logo-detection/config.js';
import { FullSearch } from '../../../src/plugins/logo-detection/full-search.js';
import { GrayPyramid } from '../../../src/plugins/logo-detection/gray-pyramid.js';
import { LogoNet } from '../../../src/plugins/logo-detection/logo-net.js';
import { ReferenceIndexer } from '../../../src/plugins/logo-detection/reference-index.js';
import { Verifier, type Evidence } from '../../../src/plugins/logo-detection/verification.js';
import { decodedFrames } from './clip-frames.js';
import { averagePrecision, bestQuality, iou, LEAST_IOU, type Judged } from './evaluate.js';
import { fitted, probability, type Example } from './logistic.js';
import type { Gallery } from './method.js';
import type { Clip } from './scenes.js';
import type { Corners } from './truth.js';
import { modelFolders } from './vedette-method.js';

const FRAMES_PER_CLIP = 4;
const FOLDS = 5;
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

interface Found extends Example {
  readonly clip: number;
  readonly evidence: Evidence;
  readonly net: number;
}

/**
 * What the verification's weights are fitted to: all candidates of single frames, each right or wrong. Prints weights fitted to all of
 * them, and the quality of weights fitted without the clips they judge.
 */
export async function fitEvidence(clips: readonly Clip[], gallery: Gallery, modelsDir: string | undefined): Promise<void> {
  const config = logoDetectionConfig.parse({});
  const net = new LogoNet(new OrtModels(modelFolders(modelsDir)), config.featuresModel, config.correlationModel);
  await net.open();
  try {
    const index = await new ReferenceIndexer(net, quiet, config.maxReferences).index(gallery.set);
    const search = new FullSearch(net, { ...config, maxPerLook: config.maxPerReference });
    const verifier = new Verifier(net);
    const found: Found[] = [];
    let positives = 0;
    for (const [number, clip] of clips.entries()) {
      const { frames } = clip.truth;
      const indices = Array.from({ length: FRAMES_PER_CLIP }, (_, i) => Math.floor(((i + 0.5) * frames.length) / FRAMES_PER_CLIP));
      const spec = { widthPx: config.widthPx, heightPx: config.heightPx, fit: 'inside', format: 'gray8' } as const;
      const { widthPx } = clip.truth;
      for (const [at, { data, ...frame }] of await decodedFrames(clip, indices, spec)) {
        const truth = frames[at]!.filter((logo) => logo.gallery);
        positives += truth.filter((logo) => !logo.ignore).length;
        const picture = new GrayPyramid({ data, widthPx: frame.widthPx, heightPx: frame.heightPx });
        const scale = widthPx / frame.widthPx;
        const taken = new Set<object>();
        const judged = [];
        for (const candidate of await search.search(picture, index)) judged.push(await verifier.verify(picture, candidate));
        for (const { look, bounds, evidence } of judged.sort((a, b) => b.score - a.score)) {
          const box: Corners = [bounds.x0 * scale, bounds.y0 * scale, bounds.x1 * scale, bounds.y1 * scale];
          const own = truth.find((logo) => logo.brand === look.subjectId && iou(logo.box, box) >= LEAST_IOU);
          // Neither right nor wrong, or the same again under another look.
          if (own?.ignore === true || (own !== undefined && taken.has(own))) continue;
          if (own === undefined && truth.some((logo) => logo.brand === look.subjectId && iou(logo.box, box) > 0.2)) continue;
          if (own !== undefined) taken.add(own);
          found.push({ clip: number, evidence, net: evidence.net, values: Object.values(evidence), right: own !== undefined });
        }
      }
    }
    report(found, positives);
  } finally {
    await net.close();
  }
}

function report(found: readonly Found[], positives: number): void {
  const rights = found.filter(({ right }) => right);
  const crossed = Array.from({ length: FOLDS }, (_, fold) => {
    const weights = fitted(found.filter(({ clip }) => clip % FOLDS !== fold));
    return found
      .filter(({ clip }) => clip % FOLDS === fold)
      .map(({ right, values }): Judged => ({ right, score: probability(weights, values) }));
  }).flat();
  const judgement = { judged: crossed, positives };
  const { f1, threshold } = bestQuality(judgement);
  const names = Object.keys(found[0]?.evidence ?? {});
  const weights = fitted(found);
  console.log(`${positives} logos, ${found.length} candidates, ${rights.length} of them right`);
  console.log(
    `with weights of other clips: AP ${averagePrecision(judgement).toFixed(3)}, best F1 ${f1.toFixed(3)} at ${threshold.toFixed(2)}`,
  );
  console.log(`bias ${weights[0]!.toFixed(2)}, ${names.map((name, i) => `${name} ${weights[i + 1]!.toFixed(2)}`).join(', ')}`);
  for (const share of [0.002, 0.005, 0.01, 0.02, 0.05]) {
    const least = rights.map(({ net }) => net).sort((a, b) => a - b)[Math.floor(share * rights.length)] ?? 0;
    const left = found.filter(({ right, net }) => !right && net >= least).length / Math.max(1, found.length - rights.length);
    console.log(
      `least search score ${least.toFixed(3)}: loses ${(share * 100).toFixed(1)} % of the right ones, keeps ${(left * 100).toFixed(0)} % of the wrong`,
    );
  }
}
