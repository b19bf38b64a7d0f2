/**
 * Reference images: what an operator showed Vedette so that it may be found again (a brand's logo). They live in the
 * database, are edited over REST, CLI and dashboard, and reach analyzers as a set with a revision that grows with every change.
 */
export interface ReferenceImage {
  readonly id: string;
  /** What it is an image of: the brand. */
  readonly subjectId: string;
  /** The brand's name: the label of its detections. */
  readonly label: string;
  /** Tells the images of one brand apart: 'wordmark', 'white', … */
  readonly variant: string;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Straight (not premultiplied) RGBA rows, `widthPx * heightPx * 4` bytes, trimmed to what is visible. */
  readonly rgba: Uint8Array;
  /** False: the rectangle is opaque and holds its background too, as cut from a frame. */
  readonly hasAlpha: boolean;
}

/** Everything of one kind that is in force. */
export interface ReferenceSet {
  /** 'logo', … */
  readonly kind: string;
  readonly revision: number;
  readonly images: readonly ReferenceImage[];
}

/** The reference images in force, for strategies that take them to other machines. */
export interface References {
  /** The whole set of that revision, or a later one. Those who ask at the same time share one load. */
  load(kind: string, revision: number): Promise<ReferenceSet>;
}
export const REFERENCES = Symbol.for('vedette.references');
