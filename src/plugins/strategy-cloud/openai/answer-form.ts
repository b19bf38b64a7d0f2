import { z } from 'vedette/plugin';
import type { Finding, PictureReply, Want } from '../provider.js';

/** More labels than this are asked for in words: servers limit what a schema may list. */
const MAX_LISTED_LABELS = 200;

/** The form of an answer as it goes over the wire: all keys required and none besides, which is what servers can hold a model to. */
export function answerSchema({ task, labels }: Want): Record<string, unknown> {
  const label =
    labels.length > 0 && labels.length <= MAX_LISTED_LABELS ? z.enum([...new Set(labels)] as [string, ...string[]]) : z.string();
  const box = z.strictObject({ x: z.number(), y: z.number(), width: z.number(), height: z.number() });
  const score = z.number();
  const finding =
    task === 'text'
      ? z.strictObject({ text: z.string(), score, box })
      : task === 'label'
        ? z.strictObject({ label, score })
        : z.strictObject({ label, score, box });
  const { $schema: _, ...schema } = z.toJSONSchema(
    z.strictObject({ pictures: z.array(z.strictObject({ picture: z.int(), findings: z.array(finding) })) }),
  );
  // Bounds of a whole number's precision, which not every server knows.
  return JSON.parse(
    JSON.stringify(schema, (key, value: unknown) => (key === 'minimum' || key === 'maximum' ? undefined : value)),
  ) as Record<string, unknown>;
}

/** What is read of an answer, whatever form the server promised: a model says what it likes. */
const answer = z.looseObject({ pictures: z.array(z.looseObject({ picture: z.number().optional(), findings: z.array(z.unknown()) })) });
/** Of a model that was shown one picture and saw no need to count. */
const bareAnswer = z.looseObject({ findings: z.array(z.unknown()) });

/**
 * Reads a model's answer: JSON, JSON in a fenced block, or JSON amid chatter.
 * @returns undefined where there is none in it
 */
export function readAnswer(text: string, task: string, pictureCount: number): PictureReply[] | undefined {
  for (const candidate of [text, fenced(text), braced(text)]) {
    const json = candidate === undefined ? undefined : parsed(candidate);
    const replies = json === undefined ? undefined : repliesOf(json, task, pictureCount);
    if (replies !== undefined) return replies;
  }
  return undefined;
}

function repliesOf(json: unknown, task: string, pictureCount: number): PictureReply[] | undefined {
  const bare = pictureCount === 1 ? bareAnswer.safeParse(json) : undefined;
  if (bare?.success) return [{ findings: bare.data.findings.map((one) => findingOf(one, task)) }];
  const full = answer.safeParse(json);
  if (!full.success) return undefined;
  const replies = Array.from({ length: pictureCount }, (): { findings: Finding[]; isTold: boolean } => ({ findings: [], isTold: false }));
  full.data.pictures.forEach(({ picture, findings }, i) => {
    const reply = replies[pictureCount === 1 ? 0 : (picture ?? i + 1) - 1];
    // Of a picture that was not shown.
    if (reply === undefined) return void replies[0]!.findings.push({ task, kind: 'detection', name: undefined });
    reply.isTold = true;
    reply.findings.push(...findings.map((one) => findingOf(one, task)));
  });
  return replies.map(({ findings, isTold }) =>
    isTold || pictureCount === 1 ? { findings } : { findings, refusal: 'the model left the picture out' },
  );
}

function findingOf(written: unknown, task: string): Finding {
  const { label, text, score, box } = (typeof written === 'object' && written !== null ? written : {}) as Record<string, unknown>;
  const place = (typeof box === 'object' && box !== null ? box : {}) as Record<string, unknown>;
  const found = { x: place.x, y: place.y, width: place.width, height: place.height };
  if (task === 'label') return { task, kind: 'classification', name: label, score };
  // A text without a place is still a text.
  if (task === 'text') return { task, kind: 'text', name: text, score, ...(isPlace(found) ? { box: found } : {}) };
  return { task, kind: 'detection', name: label, score, box: found };
}

const isPlace = (box: Record<string, unknown>): boolean => Object.values(box).every((side) => typeof side === 'number');

const FENCE = '```';

function fenced(text: string): string | undefined {
  const from = text.indexOf(FENCE);
  const to = from < 0 ? -1 : text.indexOf(FENCE, from + FENCE.length);
  return to < 0 ? undefined : text.slice(from + FENCE.length, to).replace(/^json/i, '');
}

function braced(text: string): string | undefined {
  const [from, to] = [text.indexOf('{'), text.lastIndexOf('}')];
  return from >= 0 && to > from ? text.slice(from, to + 1) : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
