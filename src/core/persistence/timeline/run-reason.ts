/** What is said before the first colon of a reason, where it is a code: `no_audio: the segment has no sound` is `no-audio`. */
const CODE = /^[a-z][a-z0-9_-]{0,39}$/;
const FAILURE = /^VD_[A-Z0-9_]{1,80}$/;
export const OTHER_REASON = 'other';

/** The code of why a run was skipped; what people or services said in their own words is `other`. */
export function skipCode(reason: string | null): string {
  const said = (reason ?? '').split(':', 1)[0]!.trim().toLowerCase();
  return CODE.test(said) ? said.replaceAll('_', '-') : OTHER_REASON;
}

/** The code of why a run failed; plugins' own codes are theirs to choose, in the form that all have. */
export const failureCode = (code: string | null): string => (code !== null && FAILURE.test(code) ? code : OTHER_REASON);
