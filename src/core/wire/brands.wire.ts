import { z } from 'zod';
import { nameSchema } from '../plugin-api/index.js';
import { evidenceWire } from './evidence.wire.js';
import { text, uuid } from './fields.js';

/** Brands and their reference images, as REST speaks of them. */
const iso = z.iso.datetime().describe('ISO 8601, UTC');
const share = z.number().min(0).max(1);

export const boxWire = z
  .strictObject({ x: share, y: share, width: share, height: share })
  .describe('0..1 of the displayed frame, origin top-left');

/** What may be better about a reference image. */
export const referenceHint = z.enum(['few-pixels', 'elongated', 'opaque', 'from-frame', 'background-removed']);
export type ReferenceHint = z.output<typeof referenceHint>;

export const referenceWire = z.object({
  id: uuid,
  brandId: uuid,
  variant: z.string().describe("Tells the images of one brand apart: 'default', 'wordmark', 'white', …"),
  source: z.enum(['upload', 'icon', 'frame']),
  /** Of the bytes as they came. */
  mediaType: z.string(),
  /** Of the image as analyzers see it: trimmed, longest side at most 512. */
  widthPx: z.number().int(),
  heightPx: z.number().int(),
  hasAlpha: z.boolean(),
  backgroundRemoved: z.boolean().describe('It came opaque on one colour, which was made transparent'),
  iconSlug: z.string().nullable(),
  frame: z.object({ streamId: uuid, epochId: uuid, ptsUs: z.number().int(), box: boxWire }).nullable().describe('Where it was cut from'),
  enabled: z.boolean(),
  createdAt: iso,
  deletedAt: iso.nullable(),
  imageUrl: z.string().describe("PNG with transparency, relative to the server's root"),
  hints: z.array(referenceHint).describe('What may be better about it; empty where it is as it should be'),
});

export const brandWire = z.object({
  id: uuid,
  name: z.string(),
  colour: z.string().nullable().describe('#rrggbb'),
  enabled: z.boolean(),
  createdAt: iso,
  updatedAt: iso,
  deletedAt: iso.nullable(),
  references: z.array(referenceWire),
});

/** When a brand was last seen. */
export const brandSightingWire = z.object({
  brandId: uuid,
  streamId: uuid,
  streamName: z.string(),
  eventId: z.string().regex(/^\d+$/),
  startAt: iso,
  endAt: iso.nullable().describe('Null: it is in sight'),
  evidence: evidenceWire.nullable(),
});

export const brandIconWire = z.object({
  slug: z.string(),
  title: z.string(),
  colour: z.string(),
  imageUrl: z.string().describe("SVG, relative to the server's root"),
});

const name = nameSchema(100);
const variant = nameSchema(60);
const colour = z
  .string()
  .regex(/^#[0-9a-fA-F]{6}$/, '#rrggbb')
  .transform((value) => value.toLowerCase())
  .meta({ pattern: '^#[0-9a-fA-F]{6}$' });
const slug = z.string().regex(/^[a-z0-9_]{1,100}$/, 'the slug of an icon');
const flag = z.enum(['true', 'false']).optional();

export const brandParams = z.strictObject({ id: uuid });
export const referenceParams = z.strictObject({ id: uuid, referenceId: uuid });
export const iconParams = z.strictObject({ slug });

export const newBrandBody = z
  .strictObject({
    name: name.optional().describe("Required without `icon`; else the icon's title when absent"),
    colour: colour.nullable().optional(),
    enabled: z.boolean().optional(),
    icon: slug.optional().describe('Begin with this icon of GET /api/brand-icons as first image'),
    allowDuplicate: z.boolean().optional(),
  })
  .refine((body) => body.name !== undefined || body.icon !== undefined, { path: ['name'], message: 'needed without `icon`' });
export const brandPatch = z.strictObject({ name: name.optional(), colour: colour.nullable().optional(), enabled: z.boolean().optional() });
export const referencePatch = z.strictObject({ variant: variant.optional(), enabled: z.boolean().optional() });
export const fromFrameBody = z.strictObject({
  streamId: uuid,
  epochId: uuid,
  ptsUs: z.number().int().min(Number.MIN_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER),
  box: boxWire,
  variant: variant.optional(),
  allowDuplicate: z.boolean().optional(),
});

export const deletedQuery = z.strictObject({ deleted: flag.describe('Those that were removed, instead') });
export const uploadQuery = z.strictObject({
  variant: variant.optional(),
  keepBackground: flag.describe('Leave an opaque image opaque, although its background is of one colour'),
  allowDuplicate: flag.describe("Keep it although it looks like another brand's"),
  icon: slug.optional().describe('Take this icon instead of a body'),
});
/** Media on which an image is tried: the segment with that moment, or the last ten seconds. */
export const BRAND_TRIAL = { mediaMs: 10_000, found: 500 } as const;
export const tryQuery = z
  .strictObject({
    streamId: uuid,
    epochId: uuid.optional(),
    ptsUs: z
      .string()
      .regex(/^-?\d{1,15}$/, 'an integer')
      .transform(Number)
      .optional()
      .describe('With `epochId`: the moment; the last ten seconds of the stream when absent'),
    icon: slug.optional().describe('Take this icon instead of a body'),
    keepBackground: flag.describe('Leave an opaque image opaque, although its background is of one colour'),
  })
  .refine(({ epochId, ptsUs }) => (epochId === undefined) === (ptsUs === undefined), { path: ['ptsUs'], message: 'needed with `epochId`' });
export const brandTrialWire = z.object({
  image: referenceWire
    .pick({ mediaType: true, widthPx: true, heightPx: true, hasAlpha: true, backgroundRemoved: true, hints: true })
    .describe('As analyzers would see it'),
  analyzerId: z.string(),
  epochId: uuid,
  fromPtsUs: z.number().int(),
  toPtsUs: z.number().int().describe('What was looked at: up to here'),
  framesSeen: z.number().int(),
  found: z.array(z.object({ ptsUs: z.number().int(), score: share, box: boxWire })).describe(`In order; the first ${BRAND_TRIAL.found}`),
});
export const restoreQuery = z.strictObject({ allowDuplicate: flag });
export const iconQuery = z.strictObject({ query: text(100) });
export const frameQuery = z.strictObject({
  epochId: uuid,
  ptsUs: z
    .string()
    .regex(/^-?\d{1,15}$/, 'an integer')
    .transform(Number),
  widthPx: z
    .string()
    .regex(/^\d{2,4}$/, '16 to 3840')
    .transform(Number)
    .pipe(z.number().int().min(16).max(3_840))
    .optional()
    .describe("At most this wide; the video's own width when absent"),
});

export type ReferenceWire = z.output<typeof referenceWire>;
export type BrandWire = z.output<typeof brandWire>;
export type TryQuery = z.output<typeof tryQuery>;
export type BrandTrialWire = z.output<typeof brandTrialWire>;
export type BrandSightingWire = z.output<typeof brandSightingWire>;
export type BrandIconWire = z.output<typeof brandIconWire>;
export type BrandParams = z.output<typeof brandParams>;
export type ReferenceParams = z.output<typeof referenceParams>;
export type IconParams = z.output<typeof iconParams>;
export type NewBrandBody = z.output<typeof newBrandBody>;
export type BrandPatch = z.output<typeof brandPatch>;
export type ReferencePatch = z.output<typeof referencePatch>;
export type FromFrameBody = z.output<typeof fromFrameBody>;
export type DeletedQuery = z.output<typeof deletedQuery>;
export type UploadQuery = z.output<typeof uploadQuery>;
export type RestoreQuery = z.output<typeof restoreQuery>;
export type IconQuery = z.output<typeof iconQuery>;
export type FrameQuery = z.output<typeof frameQuery>;
