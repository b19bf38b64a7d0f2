import type { CodedError } from './error.js';
import type { PtsUs } from './time.js';

/** A file that another program wrote: one whole segment, which an adapter offers to an epoch of a `segments` input. */
export interface SegmentOffer {
  /** Absolute. Core follows no link, takes plain files only, and never changes them. */
  readonly path: string;
  /** Its number in its writer's playlist, for {@link TakenFile}. */
  readonly number?: number;
  /** From its beginning to where the next one begins, as its writer says. */
  readonly durationUs?: number;
  /** Of an fMP4 segment: the file that stands before it. */
  readonly initializationPath?: string;
  /** Segments between the one offered before and this one that nobody will ever see: they are recorded as missing. */
  readonly missingBefore?: number;
  /** Its writer says that it is complete. Else one that cannot be read is not taken: it may be unfinished. */
  readonly isComplete: boolean;
  /** Its writer never opens this name again, so that the file can be shared with it instead of copied. */
  readonly isWrittenOnce: boolean;
}

/** What became of an offered segment. */
export type SegmentAnswer =
  /** It is in the epoch, readable or not, and survives whatever happens to its file. `endPtsUs` is null where it cannot be read. */
  | { readonly kind: 'taken'; readonly endPtsUs: PtsUs | null; readonly unreadable?: CodedError }
  /** This stream has it already, from an earlier run perhaps. */
  | { readonly kind: 'known' }
  /** Its format or its clock does not continue the epoch: end that, open another, and offer it there. */
  | { readonly kind: 'elsewhere'; readonly why: 'format-changed' | 'clock-jump' }
  /** It is written to at the moment, or cannot be read and its writer has not said that it is complete: offer it again later. */
  | { readonly kind: 'unfinished'; readonly why: string }
  /** There is no such file any more. */
  | { readonly kind: 'gone' }
  /** It is nothing that could ever be taken: a link, a pipe, a file too large, or one that may not be read. */
  | { readonly kind: 'refused'; readonly error: CodedError }
  /** The epoch has ended, or takes no segments. */
  | { readonly kind: 'ended' };

/** What identifies a file of a writer: one that is written anew under the same name is another. */
export interface TakenFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  /** See {@link SegmentOffer.number}. */
  readonly number?: number;
}

/** The files of one stream that were taken, by whichever run: the newest few hundred. */
export interface TakenFiles {
  has(file: TakenFile): boolean;
  /** The newest; undefined when none was ever taken. */
  readonly last: TakenFile | undefined;
}
