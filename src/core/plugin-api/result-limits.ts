/** Limits of one run's results. Every part of core that receives results checks these limits, and so does the protocol between machines. */
export const RESULT_LIMITS = {
  /** Results of one analyzer for one segment, those of the stream's rules included. */
  resultsPerRun: 20_000,
  /** Characters of a label, a name, a key or a track's id. */
  nameLength: 256,
  /** Characters of a metric's unit. */
  unitLength: 64,
  /** Bytes of one result's `data` or `attributes`, as JSON. */
  dataBytes: 65_536,
  /** Events of which one run may keep evidence. */
  evidencePerRun: 64,
  /** Bytes of one picture of evidence, and pixels of its longer side. */
  evidenceBytes: 12_288,
  evidenceSidePx: 480,
  /** Levels of arrays and objects within each other, in data and in checkpoints. */
  jsonDepth: 32,
  /** Bytes of an analyzer's checkpoint, as JSON. */
  checkpointBytes: 262_144,
  /** Bytes of a run's whole state for the next segment, with the state of core's tracker and of the stream's rules. */
  runStateBytes: 1_048_576,
  /** How far a result's pts may lie outside its `ResultSpan`. */
  ptsSlackUs: 10_000_000,
} as const;

/** Sides are computed in floating point: a box that exceeds the picture by less than this counts as inside. */
export const BOX_TOLERANCE = 1e-6;

/** The database cannot store NUL and halves of surrogate pairs. */
export const isStorableText = (text: string): boolean => !text.includes('\0') && text.isWellFormed();
