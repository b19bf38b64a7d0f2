import type { BoundingBox, DetectCustomLabelsResponse, DetectLabelsResponse, DetectTextResponse } from '@aws-sdk/client-rekognition';
import { cloudError } from '../errors.js';
import type { Finding, FoundBox } from '../provider.js';

/** Confidence is given in percent. */
const share = (confidence: number | undefined): number | undefined => (confidence === undefined ? undefined : confidence / 100);

const boxOf = (box: BoundingBox | undefined): FoundBox | undefined =>
  box && { x: box.Left, y: box.Top, width: box.Width, height: box.Height };

/** A list that is missing is no list of nothing: that would be an answer. */
function listed<T>(list: T[] | undefined, name: string): T[] {
  if (!Array.isArray(list)) throw cloudError('VD_CLOUD_UNREADABLE', `the answer has no ${name}`);
  return list;
}

/** Labels with places are objects; those without say something of the whole picture. */
export function readLabels({ Labels }: DetectLabelsResponse): Finding[] {
  return listed(Labels, 'Labels').flatMap(({ Name, Confidence, Instances = [] }): Finding[] =>
    Instances.length > 0
      ? Instances.map((instance) => ({
          task: 'object',
          kind: 'detection',
          name: Name,
          score: share(instance.Confidence ?? Confidence),
          box: boxOf(instance.BoundingBox),
        }))
      : [{ task: 'label', kind: 'classification', name: Name, score: share(Confidence) }],
  );
}

/** Lines only: words are their parts. */
export function readTexts({ TextDetections }: DetectTextResponse): Finding[] {
  const lines = listed(TextDetections, 'TextDetections').filter(({ Type }) => Type === 'LINE');
  return lines.map(({ DetectedText, Confidence, Geometry }) => ({
    task: 'text',
    kind: 'text',
    name: DetectedText,
    score: share(Confidence),
    box: boxOf(Geometry?.BoundingBox),
  }));
}

/** A model that was taught without places labels the whole picture. */
export function readCustomLabels({ CustomLabels }: DetectCustomLabelsResponse, task: string): Finding[] {
  return listed(CustomLabels, 'CustomLabels').map(({ Name, Confidence, Geometry }) => {
    const box = boxOf(Geometry?.BoundingBox);
    return {
      task,
      kind: box === undefined ? 'classification' : 'detection',
      name: Name,
      score: share(Confidence),
      box,
    };
  });
}
