import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { brandError } from '../../errors/brand.errors.js';
import { ReadDatabase } from '../read/read-database.js';
import { sqlState } from '../sql.js';
import {
  BRAND_COLUMNS,
  brandRecord,
  IS_PRIVATE,
  REFERENCE_COLUMNS,
  referenceRecord,
  type BrandRecord,
  type BrandRow,
  type FrameOrigin,
  type ReferenceRecord,
  type ReferenceRow,
} from './reference-rows.js';
import { refuseLookAlike, type KeptLook } from './perceptual-hash.js';
import { BUMP_REVISION, LOGO } from './reference-changes.js';

/** So much is loaded into every analysis host, at four bytes a pixel and twice that while it arrives; and looked for in every frame. */
export const LIBRARY_LIMITS = { brands: 300, imagesPerBrand: 16, images: 500, pixels: 64 * 1024 * 1024 } as const;

/** Everything of an image but what the database gives it. */
export interface NewReference {
  readonly variant: string;
  readonly source: ReferenceRecord['source'];
  readonly mediaType: string;
  readonly original: Buffer;
  readonly png: Buffer;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly hasAlpha: boolean;
  readonly backgroundRemoved: boolean;
  readonly sha256: Buffer;
  readonly descriptor: Buffer;
  readonly iconSlug: string | null;
  readonly frame: FrameOrigin | null;
}

export interface BrandFields {
  readonly name: string;
  readonly colour: string | null;
  readonly enabled: boolean;
}

type Query = <R>(sql: string, params?: readonly unknown[]) => Promise<R[]>;
const UNIQUE_VIOLATION = '23505';

/** Brands and their images. Every change bumps the library's revision in its own transaction, which also puts changes in a row. */
@Injectable()
export class BrandStore {
  constructor(@Inject(ReadDatabase) private readonly database: ReadDatabase) {}

  /** By name; removed ones instead where asked for. */
  async list({ deleted = false }: { readonly deleted?: boolean } = {}): Promise<BrandRecord[]> {
    const state = deleted ? 'NOT NULL' : 'NULL';
    const brands = await this.database.query<BrandRow>(
      `SELECT ${BRAND_COLUMNS} FROM brands WHERE deleted_at IS ${state} ORDER BY lower(name), deleted_at DESC LIMIT 1000`,
    );
    const references = await this.referenceRows(
      brands.map(({ id }) => id),
      false,
    );
    return brands.map((row) => brandRecord(row, references));
  }

  /** @throws VD_BRAND_NOT_FOUND */
  async one(brandId: string): Promise<BrandRecord> {
    const [row] = await this.database.query<BrandRow>(`SELECT ${BRAND_COLUMNS} FROM brands WHERE id = $1 AND deleted_at IS NULL`, [
      brandId,
    ]);
    if (row === undefined) throw noBrand(brandId);
    return brandRecord(row, await this.referenceRows([brandId], false));
  }

  /** @throws VD_BRAND_NOT_FOUND */
  async references(brandId: string, { deleted }: { readonly deleted: boolean }): Promise<ReferenceRecord[]> {
    await this.one(brandId);
    return (await this.referenceRows([brandId], deleted)).map(referenceRecord);
  }

  /** The normalised PNG of an image, removed or not. @throws VD_BRAND_IMAGE_NOT_FOUND */
  async png(brandId: string, referenceId: string): Promise<{ png: Buffer; isPrivate: boolean }> {
    const [row] = await this.database.query<{ png: Buffer; is_private: boolean }>(
      `SELECT png, ${IS_PRIVATE} FROM reference_images WHERE id = $1 AND brand_id = $2`,
      [referenceId, brandId],
    );
    if (row === undefined) throw noImage(referenceId);
    return { png: row.png, isPrivate: row.is_private };
  }

  /** @throws VD_BRAND_NAME_TAKEN, VD_BRAND_LIMIT, VD_BRAND_IMAGE_DUPLICATE */
  async create(
    fields: BrandFields,
    reference: NewReference | null,
    { allowDuplicate }: { readonly allowDuplicate: boolean },
  ): Promise<BrandRecord> {
    const id = randomUUID();
    await this.change(async (query) => {
      const [{ count } = { count: 0 }] = await query<{ count: number }>(
        'SELECT count(*)::int AS count FROM brands WHERE deleted_at IS NULL',
      );
      if (count >= LIBRARY_LIMITS.brands) throw brandError('VD_BRAND_LIMIT', `There are ${count} brands.`);
      await query('INSERT INTO brands (id, name, colour, enabled) VALUES ($1, $2, $3, $4)', [
        id,
        fields.name,
        fields.colour,
        fields.enabled,
      ]);
      if (reference !== null) await insert(query, id, reference, allowDuplicate);
    }, fields.name);
    return this.one(id);
  }

  /** @throws VD_BRAND_NOT_FOUND, VD_BRAND_NAME_TAKEN */
  async update(brandId: string, fields: Partial<BrandFields>): Promise<BrandRecord> {
    await this.change(async (query) => {
      const rows = await query<BrandRow>(
        `UPDATE brands SET name = coalesce($2, name), colour = CASE WHEN $3 THEN $4 ELSE colour END, enabled = coalesce($5, enabled), updated_at = now()
         WHERE id = $1 AND deleted_at IS NULL RETURNING id`,
        [brandId, fields.name ?? null, fields.colour !== undefined, fields.colour ?? null, fields.enabled ?? null],
      );
      if (changed(rows) === 0) throw noBrand(brandId);
    }, fields.name);
    return this.one(brandId);
  }

  /** @throws VD_BRAND_NOT_FOUND */
  async remove(brandId: string): Promise<void> {
    await this.change(async (query) => {
      const rows = await query('UPDATE brands SET deleted_at = now() WHERE id = $1 AND deleted_at IS NULL RETURNING id', [brandId]);
      if (changed(rows) === 0) throw noBrand(brandId);
    });
  }

  /** Brings a removed brand back, with the images it had. @throws VD_BRAND_NOT_FOUND, VD_BRAND_NAME_TAKEN, VD_BRAND_LIMIT, VD_BRAND_IMAGE_DUPLICATE */
  async restore(brandId: string, { allowDuplicate }: { readonly allowDuplicate: boolean }): Promise<BrandRecord> {
    await this.change(async (query) => {
      const [brand] = await query<{ name: string }>('SELECT name FROM brands WHERE id = $1 AND deleted_at IS NOT NULL', [brandId]);
      if (brand === undefined) throw noBrand(brandId);
      const others = await looks(query);
      for (const image of await ownLooks(query, brandId)) refuseLookAlike(image, others, allowDuplicate);
      await query('UPDATE brands SET deleted_at = NULL, updated_at = now() WHERE id = $1', [brandId]);
      const [{ brands, images, pixels } = { brands: 0, images: 0, pixels: 0 }] = await query<{
        brands: number;
        images: number;
        pixels: number;
      }>(
        `SELECT (SELECT count(*)::int FROM brands WHERE deleted_at IS NULL) AS brands, ${LIVE_IMAGES} AS images, ${LIVE_PIXELS} AS pixels`,
      );
      requirePixels(pixels);
      if (brands > LIBRARY_LIMITS.brands || images > LIBRARY_LIMITS.images)
        throw brandError('VD_BRAND_LIMIT', `With it there would be ${brands} brands and ${images} images.`);
    });
    return this.one(brandId);
  }

  /** @throws VD_BRAND_NOT_FOUND, VD_BRAND_LIMIT, VD_BRAND_IMAGE_DUPLICATE, VD_BRAND_IMAGE_KNOWN */
  async addReference(
    brandId: string,
    reference: NewReference,
    { allowDuplicate }: { readonly allowDuplicate: boolean },
  ): Promise<ReferenceRecord> {
    const id = await this.change((query) => insert(query, brandId, reference, allowDuplicate));
    return this.reference(brandId, id);
  }

  /** @throws VD_BRAND_IMAGE_NOT_FOUND */
  async updateReference(
    brandId: string,
    referenceId: string,
    fields: { readonly variant?: string; readonly enabled?: boolean },
  ): Promise<ReferenceRecord> {
    await this.change(async (query) => {
      const rows = await query(
        `UPDATE reference_images SET variant = coalesce($3, variant), enabled = coalesce($4, enabled) WHERE id = $1 AND brand_id = $2 AND deleted_at IS NULL RETURNING id`,
        [referenceId, brandId, fields.variant ?? null, fields.enabled ?? null],
      );
      if (changed(rows) === 0) throw noImage(referenceId);
    });
    return this.reference(brandId, referenceId);
  }

  /** @throws VD_BRAND_IMAGE_NOT_FOUND */
  async removeReference(brandId: string, referenceId: string): Promise<void> {
    await this.change(async (query) => {
      const rows = await query(
        'UPDATE reference_images SET deleted_at = now() WHERE id = $1 AND brand_id = $2 AND deleted_at IS NULL RETURNING id',
        [referenceId, brandId],
      );
      if (changed(rows) === 0) throw noImage(referenceId);
    });
  }

  /** @throws VD_BRAND_NOT_FOUND, VD_BRAND_IMAGE_NOT_FOUND, VD_BRAND_LIMIT, VD_BRAND_IMAGE_DUPLICATE, VD_BRAND_IMAGE_KNOWN */
  async restoreReference(
    brandId: string,
    referenceId: string,
    { allowDuplicate }: { readonly allowDuplicate: boolean },
  ): Promise<ReferenceRecord> {
    await this.change(async (query) => {
      const [image] = await query<KeptLook>(
        `SELECT ${LOOK} FROM reference_images i JOIN brands b ON b.id = i.brand_id WHERE i.id = $1 AND brand_id = $2 AND i.deleted_at IS NOT NULL`,
        [referenceId, brandId],
      );
      if (image === undefined) throw noImage(referenceId);
      await requireRoom(query, brandId, image);
      refuseLookAlike(image, await looks(query), allowDuplicate);
      await query('UPDATE reference_images SET deleted_at = NULL WHERE id = $1', [referenceId]);
    });
    return this.reference(brandId, referenceId);
  }

  private async reference(brandId: string, referenceId: string): Promise<ReferenceRecord> {
    const [row] = await this.database.query<ReferenceRow>(
      `SELECT ${REFERENCE_COLUMNS} FROM reference_images WHERE id = $1 AND brand_id = $2`,
      [referenceId, brandId],
    );
    if (row === undefined) throw noImage(referenceId);
    return referenceRecord(row);
  }

  private referenceRows(brandIds: readonly string[], deleted: boolean): Promise<ReferenceRow[]> {
    const state = deleted ? 'NOT NULL' : 'NULL';
    return this.database.query<ReferenceRow>(
      `SELECT ${REFERENCE_COLUMNS} FROM reference_images WHERE brand_id = ANY($1::uuid[]) AND deleted_at IS ${state} ORDER BY created_at, id`,
      [brandIds],
    );
  }

  /** @param name what to say of when it is taken */
  private async change<T>(work: (query: Query) => Promise<T>, name?: string): Promise<T> {
    try {
      return await this.database.transaction(async (query) => {
        await query(BUMP_REVISION, [LOGO]);
        return work(query);
      });
    } catch (error) {
      if (sqlState(error) !== UNIQUE_VIOLATION) throw error;
      throw brandError(
        'VD_BRAND_NAME_TAKEN',
        name === undefined ? 'Another brand has its name by now.' : `There is a brand named ${JSON.stringify(name)}.`,
        { cause: error },
      );
    }
  }
}

const LOOK = `i.brand_id AS "brandId", i.sha256, i.descriptor, i.width_px AS "widthPx", i.height_px AS "heightPx", i.variant, b.name AS "brandName"`;
const OF_LIVE_IMAGES = 'FROM reference_images i JOIN brands b ON b.id = i.brand_id AND b.deleted_at IS NULL WHERE i.deleted_at IS NULL';
const LIVE_IMAGES = `(SELECT count(*)::int ${OF_LIVE_IMAGES})`;
const LIVE_PIXELS = `(SELECT coalesce(sum(i.width_px::float8 * i.height_px), 0) ${OF_LIVE_IMAGES})`;

const looks = (query: Query): Promise<KeptLook[]> =>
  query<KeptLook>(
    `SELECT ${LOOK} FROM reference_images i JOIN brands b ON b.id = i.brand_id AND b.deleted_at IS NULL WHERE i.deleted_at IS NULL ORDER BY i.created_at`,
  );
const ownLooks = (query: Query, brandId: string): Promise<KeptLook[]> =>
  query<KeptLook>(
    `SELECT ${LOOK} FROM reference_images i JOIN brands b ON b.id = i.brand_id WHERE i.deleted_at IS NULL AND i.brand_id = $1`,
    [brandId],
  );

async function insert(query: Query, brandId: string, reference: NewReference, allowDuplicate: boolean): Promise<string> {
  await requireRoom(query, brandId, reference);
  refuseLookAlike({ brandId, ...reference }, await looks(query), allowDuplicate);
  const id = randomUUID();
  const { frame } = reference;
  await query(
    `INSERT INTO reference_images (id, brand_id, variant, source, media_type, original, png, width_px, height_px, has_alpha, background_removed, sha256, descriptor,
       icon_slug, stream_id, epoch_id, pts_us, box)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18::jsonb)`,
    [
      ...[
        id,
        brandId,
        reference.variant,
        reference.source,
        reference.mediaType,
        reference.original,
        reference.png,
        reference.widthPx,
        reference.heightPx,
      ],
      ...[reference.hasAlpha, reference.backgroundRemoved, reference.sha256, reference.descriptor, reference.iconSlug],
      ...[frame?.streamId ?? null, frame?.epochId ?? null, frame?.ptsUs ?? null, frame === null ? null : JSON.stringify(frame.box)],
    ],
  );
  return id;
}

async function requireRoom(
  query: Query,
  brandId: string,
  { widthPx, heightPx }: Pick<NewReference, 'widthPx' | 'heightPx'>,
): Promise<void> {
  const [room] = await query<{ own: number; all: number; pixels: number }>(
    `SELECT (SELECT count(*)::int FROM reference_images WHERE brand_id = $1 AND deleted_at IS NULL) AS own, ${LIVE_IMAGES} AS all, ${LIVE_PIXELS} AS pixels FROM brands WHERE id = $1 AND deleted_at IS NULL`,
    [brandId],
  );
  if (room === undefined) throw noBrand(brandId);
  if (room.own >= LIBRARY_LIMITS.imagesPerBrand) throw brandError('VD_BRAND_LIMIT', `The brand has ${room.own} images.`);
  if (room.all >= LIBRARY_LIMITS.images) throw brandError('VD_BRAND_LIMIT', `There are ${room.all} images.`);
  requirePixels(room.pixels + widthPx * heightPx);
}

function requirePixels(pixels: number): void {
  if (pixels > LIBRARY_LIMITS.pixels)
    throw brandError(
      'VD_BRAND_LIMIT',
      `With it the images would have ${(pixels / 1e6).toFixed(1)} megapixels together, more than ${(LIBRARY_LIMITS.pixels / 1e6).toFixed(1)}.`,
    );
}

/** TypeORM gives `[rows, count]` for an UPDATE. */
const changed = (result: readonly unknown[]): number => (Array.isArray(result[0]) ? result[0].length : result.length);

const noBrand = (brandId: string): Error => brandError('VD_BRAND_NOT_FOUND', `No brand ${brandId}.`);
const noImage = (referenceId: string): Error => brandError('VD_BRAND_IMAGE_NOT_FOUND', `No image ${referenceId} of this brand.`);
