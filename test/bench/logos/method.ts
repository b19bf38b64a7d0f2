import type { ReferenceSet } from 'vedette/plugin';
import type { ClipClaims } from './evaluate.js';
import type { Appearance } from './exposure.js';
import type { Clip } from './scenes.js';

/** What is looked for. */
export interface Gallery {
  readonly set: ReferenceSet;
  /** The same pictures as files, `<slug>.png`. */
  readonly folder: string;
}

/** What a method made of one clip, and what that cost: detection alone, decoding apart. */
export interface ClipRun extends ClipClaims {
  readonly wallMs: number;
  /** User and system time of the whole process. */
  readonly cpuS: number;
  /** Of a method that reports appearances itself. */
  readonly appearances?: readonly Appearance[];
}

export interface Method {
  readonly name: string;
  /** The threshold it is used with: the product's, or for a baseline the one that was best on the val split. */
  readonly threshold: number;
  run(clips: readonly Clip[], gallery: Gallery): Promise<readonly ClipRun[]>;
}
