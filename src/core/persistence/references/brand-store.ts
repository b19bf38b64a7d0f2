import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type EntityManager, In, IsNull, Not } from 'typeorm';
import { brandError } from '../../errors/brand.errors.js';
import { Database } from '../database.js';
import { BrandEntity, ReferenceImageEntity } from '../entities/reference.entity.js';
import { StreamEntity } from '../entities/stream.entity.js';
import { sqlState } from '../sql-errors.js';
import { type BrandRecord, brandRecord, type FrameOrigin, type ReferenceRecord, referenceRecord } from './brand-records.js';
import { noBrand, requireRoomForBrand, requireRoomForImage, requireWithinLimits } from './library-limits.js';
import { type KeptLook, refuseLookAlike } from './perceptual-hash.js';
import { BUMP_REVISION, LOGO } from './reference-changes.js';

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

const UNIQUE_VIOLATION = '23505';

/** Brands and their images. Every change bumps the library's revision in its own transaction, which also puts changes in a row. */
@Injectable()
export class BrandStore {
  constructor(private readonly database: Database) {}

  /** By name; removed ones instead where asked for. */
  list({ deleted = false }: { readonly deleted?: boolean } = {}): Promise<BrandRecord[]> {
    return this.database.run(async (manager) => {
      const brands = manager
        .createQueryBuilder(BrandEntity, 'brand')
        .withDeleted()
        .where({ deletedAt: deleted ? Not(IsNull()) : IsNull() });
      const listed = await brands.orderBy('lower(brand.name)').addOrderBy('brand.deletedAt', 'DESC').limit(1000).getMany();
      const references = await imagesOf(
        manager,
        listed.map(({ id }) => id),
      );
      return listed.map((brand) => brandRecord(brand, references));
    });
  }

  /** @throws VD_BRAND_NOT_FOUND */
  one(brandId: string): Promise<BrandRecord> {
    return this.database.run(async (manager) => {
      const brand = await manager.findOneBy(BrandEntity, { id: brandId });
      if (brand === null) throw noBrand(brandId);
      return brandRecord(brand, await imagesOf(manager, [brandId]));
    });
  }

  /** @throws VD_BRAND_NOT_FOUND */
  async references(brandId: string, { deleted }: { readonly deleted: boolean }): Promise<ReferenceRecord[]> {
    await this.one(brandId);
    return this.database.run((manager) => imagesOf(manager, [brandId], deleted));
  }

  /** The normalised PNG of an image, removed or not. @throws VD_BRAND_IMAGE_NOT_FOUND */
  async png(brandId: string, referenceId: string): Promise<{ png: Buffer; isPrivate: boolean }> {
    return this.database.run(async (manager) => {
      const where = { id: referenceId, brandId };
      const image = await manager.findOne(ReferenceImageEntity, { where, select: { png: true, streamId: true }, withDeleted: true });
      if (image === null) throw noImage(referenceId);
      const { png, streamId } = image;
      return { png, isPrivate: streamId !== null && (await privateOf(manager, [streamId])).has(streamId) };
    });
  }

  /** @throws VD_BRAND_NAME_TAKEN, VD_BRAND_LIMIT, VD_BRAND_IMAGE_DUPLICATE */
  async create(
    fields: BrandFields,
    reference: NewReference | null,
    { allowDuplicate }: { readonly allowDuplicate: boolean },
  ): Promise<BrandRecord> {
    const id = randomUUID();
    await this.change(async (manager) => {
      await requireRoomForBrand(manager);
      await manager.insert(BrandEntity, { id, ...fields });
      if (reference !== null) await insert(manager, id, reference, allowDuplicate);
    }, fields.name);
    return this.one(id);
  }

  /** @throws VD_BRAND_NOT_FOUND, VD_BRAND_NAME_TAKEN */
  async update(brandId: string, { name, colour, enabled }: Partial<BrandFields>): Promise<BrandRecord> {
    await this.change(async (manager) => {
      // Its time of change is part of every update, so that one without fields is one too.
      const { affected } = await manager.update(BrandEntity, present(brandId), { name, colour, enabled, updatedAt: NOW });
      if (affected === 0) throw noBrand(brandId);
    }, name);
    return this.one(brandId);
  }

  /** @throws VD_BRAND_NOT_FOUND */
  async remove(brandId: string): Promise<void> {
    await this.change(async (manager) => {
      const { affected } = await manager.softDelete(BrandEntity, present(brandId));
      if (affected === 0) throw noBrand(brandId);
    });
  }

  /**
   * Brings a removed brand back, with the images it had. @throws VD_BRAND_NOT_FOUND, VD_BRAND_NAME_TAKEN, VD_BRAND_LIMIT,
   * VD_BRAND_IMAGE_DUPLICATE
   */
  async restore(brandId: string, { allowDuplicate }: { readonly allowDuplicate: boolean }): Promise<BrandRecord> {
    await this.change(async (manager) => {
      const removed = { id: brandId, deletedAt: Not(IsNull()) };
      if (!(await manager.exists(BrandEntity, { where: removed, withDeleted: true }))) throw noBrand(brandId);
      const others = await looks(manager);
      const own = await manager.find(ReferenceImageEntity, { where: { brandId }, select: LOOK });
      for (const image of own) refuseLookAlike(image, others, allowDuplicate);
      await manager.restore(BrandEntity, removed);
      await requireWithinLimits(manager);
    });
    return this.one(brandId);
  }

  /** @throws VD_BRAND_NOT_FOUND, VD_BRAND_LIMIT, VD_BRAND_IMAGE_DUPLICATE, VD_BRAND_IMAGE_KNOWN */
  async addReference(
    brandId: string,
    reference: NewReference,
    { allowDuplicate }: { readonly allowDuplicate: boolean },
  ): Promise<ReferenceRecord> {
    const id = await this.change((manager) => insert(manager, brandId, reference, allowDuplicate));
    return this.reference(brandId, id);
  }

  /** @throws VD_BRAND_IMAGE_NOT_FOUND */
  async updateReference(
    brandId: string,
    referenceId: string,
    { variant, enabled }: { readonly variant?: string; readonly enabled?: boolean },
  ): Promise<ReferenceRecord> {
    await this.change(async (manager) => {
      const where = { ...present(referenceId), brandId };
      if (!(await manager.existsBy(ReferenceImageEntity, where))) throw noImage(referenceId);
      if (variant !== undefined || enabled !== undefined) await manager.update(ReferenceImageEntity, where, { variant, enabled });
    });
    return this.reference(brandId, referenceId);
  }

  /** @throws VD_BRAND_IMAGE_NOT_FOUND */
  async removeReference(brandId: string, referenceId: string): Promise<void> {
    await this.change(async (manager) => {
      const { affected } = await manager.softDelete(ReferenceImageEntity, { ...present(referenceId), brandId });
      if (affected === 0) throw noImage(referenceId);
    });
  }

  /** @throws VD_BRAND_NOT_FOUND, VD_BRAND_IMAGE_NOT_FOUND, VD_BRAND_LIMIT, VD_BRAND_IMAGE_DUPLICATE, VD_BRAND_IMAGE_KNOWN */
  async restoreReference(
    brandId: string,
    referenceId: string,
    { allowDuplicate }: { readonly allowDuplicate: boolean },
  ): Promise<ReferenceRecord> {
    await this.change(async (manager) => {
      const others = await looks(manager);
      const where = { id: referenceId, brandId, deletedAt: Not(IsNull()) };
      const removed = await manager.findOne(ReferenceImageEntity, { where, select: LOOK, withDeleted: true });
      if (removed === null) throw noImage(referenceId);
      await requireRoomForImage(manager, brandId, removed);
      refuseLookAlike(removed, others, allowDuplicate);
      await manager.restore(ReferenceImageEntity, { id: referenceId });
    });
    return this.reference(brandId, referenceId);
  }

  private reference(brandId: string, referenceId: string): Promise<ReferenceRecord> {
    return this.database.run(async (manager) => {
      const image = await manager.findOne(ReferenceImageEntity, { where: { id: referenceId, brandId }, withDeleted: true });
      if (image === null) throw noImage(referenceId);
      return (await records(manager, [image]))[0] as ReferenceRecord;
    });
  }

  /** @param name what to say of when it is taken */
  private async change<T>(work: (manager: EntityManager) => Promise<T>, name?: string): Promise<T> {
    try {
      return await this.database.transaction(async (manager) => {
        await manager.query(BUMP_REVISION, [LOGO]);
        return work(manager);
      });
    } catch (error) {
      if (sqlState(error) !== UNIQUE_VIOLATION) throw error;
      const what = name === undefined ? 'Another brand has its name by now.' : `There is a brand named ${JSON.stringify(name)}.`;
      throw brandError('VD_BRAND_NAME_TAKEN', what, { cause: error });
    }
  }
}

const NOW = (): string => 'now()';
const present = (id: string) => ({ id, deletedAt: IsNull() });
const noImage = (referenceId: string): Error => brandError('VD_BRAND_IMAGE_NOT_FOUND', `No image ${referenceId} of this brand.`);

/** Of an image, what it is told from others by. */
const LOOK = { id: true, brandId: true, sha256: true, descriptor: true, widthPx: true, heightPx: true, variant: true } as const;

/** The looks of the images of brands that are there, oldest first. */
async function looks(manager: EntityManager): Promise<KeptLook[]> {
  const images = await manager.find(ReferenceImageEntity, { select: LOOK, order: { createdAt: 'ASC' } });
  const brands = new Map((await manager.find(BrandEntity)).map(({ id, name }) => [id, name]));
  return images.flatMap((image) => {
    const brandName = brands.get(image.brandId);
    return brandName === undefined ? [] : [{ ...image, brandName }];
  });
}

async function insert(manager: EntityManager, brandId: string, reference: NewReference, allowDuplicate: boolean): Promise<string> {
  await requireRoomForImage(manager, brandId, reference);
  refuseLookAlike({ brandId, ...reference }, await looks(manager), allowDuplicate);
  const id = randomUUID();
  const { frame, ...image } = reference;
  await manager.insert(ReferenceImageEntity, { id, brandId, ...image, ...frame });
  return id;
}

/** Oldest first. */
async function imagesOf(manager: EntityManager, brandIds: readonly string[], deleted = false): Promise<ReferenceRecord[]> {
  const where = { brandId: In(brandIds), deletedAt: deleted ? Not(IsNull()) : IsNull() };
  return records(manager, await manager.find(ReferenceImageEntity, { where, order: { createdAt: 'ASC', id: 'ASC' }, withDeleted: true }));
}

async function records(manager: EntityManager, images: readonly ReferenceImageEntity[]): Promise<ReferenceRecord[]> {
  const hidden = await privateOf(
    manager,
    images.flatMap(({ streamId }) => streamId ?? []),
  );
  return images.map((image) => referenceRecord(image, hidden));
}

/** Which of these streams only admins see, those that were removed among them. */
async function privateOf(manager: EntityManager, streamIds: readonly string[]): Promise<ReadonlySet<string>> {
  if (streamIds.length === 0) return new Set();
  const where = { id: In(streamIds), isPrivate: true };
  const streams = await manager.find(StreamEntity, { where, select: { id: true }, withDeleted: true });
  return new Set(streams.map(({ id }) => id));
}
