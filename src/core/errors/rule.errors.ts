import { errorTable, errorFactory } from './errors.js';

/** Rules over detections: their making, and judging by them. */
export const ruleErrors = errorTable({
  VD_RULE_GEOMETRY: {
    title: "The rule's shape cannot be used",
    httpStatus: 400,
    retryable: false,
    audience: 'user',
    fix: 'Draw a polygon of at least three points, or a line of at least two, within the frame and without crossing itself.',
  },
  VD_RULE_PARAMS: {
    title: "The rule's parameters do not fit its kind",
    httpStatus: 400,
    retryable: false,
    audience: 'user',
    fix: 'Correct the fields named above; docs/guides/rules.md lists what each kind takes.',
  },
  VD_RULE_ANALYZER_UNKNOWN: {
    title: 'No such analyzer',
    httpStatus: 400,
    retryable: false,
    audience: 'user',
    fix: 'Take the id of an enabled analyzer from GET /api/plugins.',
  },
  VD_RULE_LABEL_UNKNOWN: {
    title: 'The analyzer never reports this label',
    httpStatus: 400,
    retryable: false,
    audience: 'user',
    fix:
      "Take one of the analyzer's own labels, in its spelling; for object-detection these are the class names of its model, and " +
      'of its `only`.',
  },
  VD_RULE_NAME_TAKEN: {
    title: 'The stream has a rule of this name',
    httpStatus: 409,
    retryable: false,
    audience: 'user',
    fix: 'Choose another name, or change the rule that has it.',
  },
  VD_RULE_TOO_MANY: {
    title: 'The limit of rules for the stream is reached',
    httpStatus: 409,
    retryable: false,
    audience: 'user',
    fix: 'Delete a rule that is not needed any more: disabled ones count too.',
  },
  VD_RULE_CHANGED: {
    title: 'The rule was changed while it was judged',
    httpStatus: 409,
    retryable: true,
    audience: 'user',
    fix: 'Apply it again: nothing was replaced.',
  },
  VD_RULE_UNTRACKED: {
    title: 'The rule needs tracks, and the detections have none',
    httpStatus: 422,
    retryable: false,
    audience: 'operator',
    fix:
      'Let the analyzer track (see docs/reference/tracking.md) and judge media that was analysed since; or use a rule of the ' +
      'kind `count`.',
  },
  VD_RULE_RANGE: {
    title: 'The range cannot be judged',
    httpStatus: 400,
    retryable: false,
    audience: 'user',
    fix: 'Give `from` and `to`, or `epochId` with an optional range in pts; at most 24 hours at once.',
  },
  VD_RULE_TOO_MUCH: {
    title: 'There is too much to judge at once',
    httpStatus: 422,
    retryable: false,
    audience: 'user',
    fix: 'Take a shorter range and go on from its end.',
  },
  VD_RULE_BUSY: {
    title: 'Other judging is under way',
    httpStatus: 503,
    retryable: true,
    audience: 'user',
    fix: 'Try again in a few seconds.',
  },
  VD_RULE_FLOODS: {
    title: 'A rule reports too many events',
    httpStatus: 422,
    retryable: false,
    audience: 'user',
    fix: 'Give the rule a smaller zone, a wider margin or a higher minScore.',
  },
  VD_RULE_FAILED: {
    title: 'A rule could not be evaluated',
    httpStatus: 500,
    retryable: true,
    audience: 'developer',
    fix: 'Vedette tries the segment again. Please report the message with the rule.',
  },
});

export const ruleError = errorFactory(ruleErrors);
