import type { protos } from '@google-cloud/vision';
import type { SampledPicture } from 'vedette/plugin';
import type { Finding, FoundBox, PictureReply } from '../provider.js';

type Annotated = protos.google.cloud.vision.v1.IAnnotateImageResponse;
type Poly = protos.google.cloud.vision.v1.IBoundingPoly;
type Size = Pick<SampledPicture, 'widthPx' | 'heightPx'>;

/** Google's answer for one picture, in our terms. */
export function readAnnotations(answer: Annotated, size: Size, quote: (text: string) => string): PictureReply {
  const findings: Finding[] = [
    ...(answer.logoAnnotations ?? []).map(({ description, score, boundingPoly }) => ({
      task: 'logo',
      kind: 'detection' as const,
      name: description,
      score,
      box: boxOf(boundingPoly, size),
    })),
    ...(answer.localizedObjectAnnotations ?? []).map(({ name, score, boundingPoly }) => ({
      task: 'object',
      kind: 'detection' as const,
      name,
      score,
      box: boxOf(boundingPoly, size),
    })),
    ...(answer.labelAnnotations ?? []).map(({ description, score }) => ({
      task: 'label',
      kind: 'classification' as const,
      name: description,
      score,
    })),
    // The first is the whole text; those that follow are its words.
    ...(answer.textAnnotations ?? [])
      .slice(0, 1)
      .map(({ description, boundingPoly }) => ({ task: 'text', kind: 'text' as const, name: description, box: boxOf(boundingPoly, size) })),
  ];
  const { code, message } = answer.error ?? {};
  if (code === undefined || code === null || code === 0) return { findings };
  const refusal = quote(message ?? '') || `error ${code} without a word`;
  // Some features may have worked; what did not is not known, so the picture counts as not answered.
  return { findings: [], refusal };
}

/** Objects have corners in 0..1, everything else in pixels of what was sent; either may come alone. */
function boxOf(poly: Poly | null | undefined, { widthPx, heightPx }: Size): FoundBox | undefined {
  const shares = poly?.normalizedVertices ?? [];
  const pixels = poly?.vertices ?? [];
  const corners =
    shares.length > 0
      ? shares.map(({ x, y }) => [x ?? 0, y ?? 0] as const)
      : pixels.map(({ x, y }) => [(x ?? 0) / widthPx, (y ?? 0) / heightPx] as const);
  if (corners.length === 0) return undefined;
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}
