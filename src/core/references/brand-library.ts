import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import type { AuditAction } from '../audit/actions.js';
import type { Actor } from '../audit/actor.js';
import { AuditLog } from '../persistence/access/audit-log.js';
import type { BrandRecord, FrameOrigin, ReferenceRecord } from '../persistence/references/brand-records.js';
import { type BrandFields, BrandStore, type NewReference } from '../persistence/references/brand-store.js';
import { BrandIcons } from './brand-icons.js';
import { PictureReader } from './picture-reader.js';
import type { ReadImage } from './reader/reader-protocol.js';
import { StreamFrames } from './stream-frames.js';

/** What an operator may say of an image. */
export interface ImageOptions {
  /** Default: `default`, or `icon`, or `frame`, by where it comes from. */
  readonly variant?: string;
  /** Leave an opaque image opaque, although its background is of one colour. */
  readonly keepBackground?: boolean;
  /** Let it look like another brand's. */
  readonly allowDuplicate?: boolean;
}

/** What is done with brands, by REST and by the command line: pictures are read, kept, and every change is put on record. */
@Injectable()
export class BrandLibrary {
  constructor(
    readonly store: BrandStore,
    readonly icons: BrandIcons,
    private readonly reader: PictureReader,
    private readonly frames: StreamFrames,
    private readonly audit: AuditLog,
  ) {}

  /** With an icon, the brand gets its colour and, without a name of its own, its title. */
  async create(
    by: Actor,
    input: { name?: string; colour?: string | null; enabled?: boolean; icon?: string; allowDuplicate?: boolean },
  ): Promise<BrandRecord> {
    const icon = input.icon === undefined ? null : await this.icons.one(input.icon);
    const reference = icon === null ? null : await this.iconReference(icon.slug, {});
    const fields: BrandFields = {
      name: input.name ?? icon?.title ?? '',
      colour: input.colour ?? icon?.colour ?? null,
      enabled: input.enabled ?? true,
    };
    const brand = await this.store.create(fields, reference, { allowDuplicate: input.allowDuplicate ?? false });
    await this.record(by, 'brand.create', brand.id, { name: brand.name, ...(icon === null ? {} : { icon: icon.slug }) });
    return brand;
  }

  async update(by: Actor, brandId: string, fields: Partial<BrandFields>): Promise<BrandRecord> {
    const brand = await this.store.update(brandId, fields);
    await this.record(by, 'brand.update', brandId, { fields: Object.keys(fields) });
    return brand;
  }

  async remove(by: Actor, brandId: string): Promise<void> {
    await this.store.remove(brandId);
    await this.record(by, 'brand.delete', brandId);
  }

  async restore(by: Actor, brandId: string, options: Pick<ImageOptions, 'allowDuplicate'> = {}): Promise<BrandRecord> {
    const brand = await this.store.restore(brandId, { allowDuplicate: options.allowDuplicate ?? false });
    await this.record(by, 'brand.restore', brandId);
    return brand;
  }

  /** An image as analyzers would see it; nothing is kept. @throws VD_BRAND_IMAGE_*, VD_BRAND_ICON_UNKNOWN, VD_PICTURE_* */
  async candidate(given: Buffer | { readonly icon: string }, options: Pick<ImageOptions, 'keepBackground'> = {}): Promise<ReadImage> {
    if ('icon' in given) return this.reader.image(Buffer.from((await this.icons.one(given.icon)).svg), { keepBackground: false });
    return this.reader.image(given, { keepBackground: options.keepBackground ?? false });
  }

  /** @throws VD_BRAND_NOT_FOUND, VD_BRAND_IMAGE_*, VD_PICTURE_* */
  async addUpload(by: Actor, brandId: string, bytes: Buffer, options: ImageOptions): Promise<ReferenceRecord> {
    await this.store.one(brandId);
    const image = await this.candidate(bytes, options);
    return this.add(by, brandId, reference(image, 'upload', bytes, options.variant ?? 'default'), options);
  }

  /** @throws VD_BRAND_ICON_UNKNOWN and the same */
  async addIcon(by: Actor, brandId: string, slug: string, options: ImageOptions): Promise<ReferenceRecord> {
    await this.store.one(brandId);
    return this.add(by, brandId, await this.iconReference(slug, options), options);
  }

  /** @throws VD_FRAME_* and the same */
  async addFromFrame(by: Actor, brandId: string, frame: FrameOrigin, options: ImageOptions): Promise<ReferenceRecord> {
    await this.store.one(brandId);
    const image = await this.frames.reference(frame, frame.box);
    const cut = Buffer.from(image.original ?? image.png);
    return this.add(by, brandId, { ...reference(image, 'frame', cut, options.variant ?? 'frame'), frame }, options);
  }

  async updateReference(
    by: Actor,
    brandId: string,
    referenceId: string,
    fields: { variant?: string; enabled?: boolean },
  ): Promise<ReferenceRecord> {
    const updated = await this.store.updateReference(brandId, referenceId, fields);
    await this.record(by, 'brand.reference.update', brandId, { referenceId, fields: Object.keys(fields) });
    return updated;
  }

  async removeReference(by: Actor, brandId: string, referenceId: string): Promise<void> {
    await this.store.removeReference(brandId, referenceId);
    await this.record(by, 'brand.reference.delete', brandId, { referenceId });
  }

  async restoreReference(
    by: Actor,
    brandId: string,
    referenceId: string,
    options: Pick<ImageOptions, 'allowDuplicate'> = {},
  ): Promise<ReferenceRecord> {
    const restored = await this.store.restoreReference(brandId, referenceId, { allowDuplicate: options.allowDuplicate ?? false });
    await this.record(by, 'brand.reference.restore', brandId, { referenceId });
    return restored;
  }

  private async iconReference(slug: string, options: ImageOptions): Promise<NewReference> {
    const icon = await this.icons.one(slug);
    const svg = Buffer.from(icon.svg);
    return {
      ...reference(await this.candidate({ icon: slug }), 'icon', svg, options.variant ?? 'icon'),
      iconSlug: icon.slug,
    };
  }

  private async add(by: Actor, brandId: string, image: NewReference, options: ImageOptions): Promise<ReferenceRecord> {
    const added = await this.store.addReference(brandId, image, { allowDuplicate: options.allowDuplicate ?? false });
    await this.record(by, 'brand.reference.create', brandId, { referenceId: added.id, source: added.source, variant: added.variant });
    return added;
  }

  private record(by: Actor, action: AuditAction, brandId: string, detail: Record<string, unknown> = {}): Promise<void> {
    return this.audit.record({ by, action, target: brandId, detail });
  }
}

function reference(image: ReadImage, source: NewReference['source'], original: Buffer, variant: string): NewReference {
  return {
    variant,
    source,
    mediaType: image.mediaType,
    original,
    png: Buffer.from(image.png),
    widthPx: image.widthPx,
    heightPx: image.heightPx,
    hasAlpha: image.hasAlpha,
    backgroundRemoved: image.backgroundRemoved,
    sha256: createHash('sha256').update(original).digest(),
    descriptor: Buffer.from(image.descriptor),
    iconSlug: null,
    frame: null,
  };
}
