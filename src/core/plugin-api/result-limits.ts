/** What one run may leave behind. Every part of core that takes results, or the protocol that carries them, holds them to these numbers. */
export const RESULT_LIMITS = {
  /** Results of one analyzer for one segment, those of the stream's rules included. */
  resultsPerRun: 20_000,
  /** Characters of a label, a name, a key or a track's id. */
  nameLength: 256,
  /** Characters of a metric's unit. */
  unitLength: 64,
  /** Bytes of one result's `data` or `attributes`, as JSON. */
  dataBytes: 65_536,
  /** Levels of arrays and objects within each other, in data and in checkpoints. */
  jsonDepth: 32,
  /** Bytes of what an analyzer carries to the next segment, as JSON. */
  checkpointBytes: 262_144,
  /** Bytes of all that a run carries to the next segment, the state of core's tracker and of the stream's rules included. */
  runStateBytes: 1_048_576,
  /** How far outside of the media it may speak of a result's pts may lie. */
  ptsSlackUs: 10_000_000,
} as const;

/** Sides are computed in floating point: what exceeds the picture by less than this lies within. */
export const BOX_TOLERANCE = 1e-6;

/** NUL and halves of surrogate pairs have no form in the database. */
export const isStorableText = (text: string): boolean => !text.includes('\0') && text.isWellFormed();
