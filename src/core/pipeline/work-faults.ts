/**
 * What takes down its own process would take down the next one's too, and what is gone is gone everywhere: such a job does not go on
 * elsewhere.
 */
const FAULTS_OF_THE_WORK: ReadonlySet<string> = new Set([
  'VD_ANALYSIS_HOST_CRASHED',
  'VD_ANALYSIS_MEMORY',
  'VD_ANALYSIS_TIMEOUT',
  'VD_MEDIA_SEGMENT_GONE',
]);
/** Failures of a task to which the state that it went on from has nothing to say: there was no fit analyzer to give it to. */
const BEFORE_ANY_STATE: ReadonlySet<string> = new Set(['VD_ANALYSIS_CONFIG_MISMATCH', 'VD_ANALYSIS_REFERENCES_UNAVAILABLE']);
/** Answers that are not what a strategy has to give. */
const BAD_ANSWERS: ReadonlySet<string> = new Set(['VD_PIPELINE_OUTCOME_INCOMPLETE', 'VD_PIPELINE_OUTCOME_INVALID']);

export const isOfTheWork = (code: string): boolean => FAULTS_OF_THE_WORK.has(code);

/** Media that cannot be had, or not be read. */
export const isOfTheMedia = (code: string): boolean => code.startsWith('VD_MEDIA_');

export const isBadAnswer = (code: string): boolean => BAD_ANSWERS.has(code);

/** Whether a task that failed with this code may have failed because of the state it went on from. */
export const mayBeOfTheState = (code: string): boolean => !isOfTheMedia(code) && !isBadAnswer(code) && !BEFORE_ANY_STATE.has(code);
