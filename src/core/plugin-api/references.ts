/**
 * Reference images: pictures that an operator gave Vedette to look for, such as a brand's logo. The database stores them, operators edit
 * them by REST, CLI and dashboard, and analyzers get them as a set with a revision that grows with every change.
 */
export interface ReferenceImage {
  readonly id: string;
  /** Id of the brand that the image shows. */
  readonly subjectId: string;
  /** The brand's name, which detections of the image have as label. */
  readonly label: string;
  /** Distinguishes the images of one brand: 'wordmark', 'white', … */
  readonly variant: string;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Straight (not premultiplied) RGBA rows, `widthPx * heightPx * 4` bytes, trimmed to what is visible. */
  readonly rgba: Uint8Array;
  /** False: the rectangle is opaque and holds its background too, as cut from a frame. */
  readonly hasAlpha: boolean;
}

/** All enabled reference images of one kind. */
export interface ReferenceSet {
  /** 'logo', … */
  readonly kind: string;
  readonly revision: number;
  readonly images: readonly ReferenceImage[];
}

/** The enabled reference images, for strategies that send them to other machines. */
export interface References {
  /** Loads the whole set of that revision or a later one. Concurrent calls share one load. */
  load(kind: string, revision: number): Promise<ReferenceSet>;
}
export const REFERENCES = Symbol.for('vedette.references');
