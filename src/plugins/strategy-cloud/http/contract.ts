import { z, type SampledPicture } from 'vedette/plugin';
import { base64 } from '../picture-batches.js';
import type { Finding, PictureReply, Want } from '../provider.js';

/** docs/reference/http-strategy.md says all this in words. Raised when an old server would misunderstand. */
export const CONTRACT_VERSION = 1;

export function writeRequest({ task, labels }: Want, pictures: readonly SampledPicture[]): string {
  return JSON.stringify({
    version: CONTRACT_VERSION,
    task,
    labels,
    pictures: pictures.map((picture) => ({
      ptsUs: picture.ptsUs,
      widthPx: picture.widthPx,
      heightPx: picture.heightPx,
      jpeg: base64(picture),
    })),
  });
}

const result = z.looseObject({ type: z.string(), ptsUs: z.number() });
const answerSchema = z.looseObject({
  results: z.array(z.unknown()),
  refused: z.array(z.object({ ptsUs: z.number(), reason: z.string() })).default([]),
});

/**
 * Reads a server's answer. What has no form of a result, or is of no picture that was sent, is handed on as a finding without a name,
 * so that it is counted among those that are of no use.
 * @throws whatever the parser throws when it is no answer at all
 */
export function readAnswer(
  text: string,
  task: string,
  pictures: readonly SampledPicture[],
  quote: (text: string) => string,
): PictureReply[] {
  const { results, refused } = answerSchema.parse(JSON.parse(text));
  const replies = pictures.map((): { findings: Finding[]; refusal?: string } => ({ findings: [] }));
  const at = (ptsUs: number): number => pictures.findIndex((picture) => picture.ptsUs === ptsUs);
  for (const { ptsUs, reason } of refused) {
    const reply = replies[at(ptsUs)];
    if (reply !== undefined) reply.refusal = quote(reason) || 'refused without a word';
  }
  for (const written of results) {
    const parsed = result.safeParse(written);
    const reply = parsed.success ? replies[at(parsed.data.ptsUs)] : undefined;
    const finding = parsed.success && reply !== undefined ? findingOf(parsed.data, task) : undefined;
    (reply ?? replies[0])?.findings.push(finding ?? { task, kind: 'detection', name: undefined });
  }
  return replies;
}

function findingOf(written: z.output<typeof result>, task: string): Finding | undefined {
  const { type } = written;
  const data = isObject(written.data) ? written.data : {};
  const box = (value: unknown) => (isObject(value) ? { x: value.x, y: value.y, width: value.width, height: value.height } : undefined);
  switch (type) {
    case 'detection':
      return { task, kind: type, name: written.label, score: written.score, box: box(written.box) };
    case 'classification':
      return { task, kind: type, name: data.label, score: data.score };
    case 'text':
      return { task, kind: type, name: data.text, score: data.score, box: box(data.box) };
    case 'metric':
      return { task, kind: type, name: written.name, value: written.value, unit: written.unit };
    default:
      return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
