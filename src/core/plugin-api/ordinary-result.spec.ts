import { describe, expect, it } from 'vitest';
import { isOrdinaryResult } from './ordinary-result.js';
import { Box, parseTaskOutcome, RESULT_LIMITS, resultSchema, taskOutcomeSchema } from './index.js';

const detection = { type: 'detection', ptsUs: 60_000_000, label: 'door', score: 0.5, box: Box.from01(0, 0, 1, 1) };
const metric = { type: 'metric', ptsUs: 60_000_000, name: 'brightness', unit: '0..1', value: -1e300 };
const box = { x: 0.1, y: 0.2, width: 0.3, height: 0.4 };
const third = 1 / 3;

const ORDINARY: readonly object[] = [
  detection,
  metric,
  { ...detection, trackId: '7' },
  { ...detection, score: 0, box: { x: 1, y: 1, width: 0, height: 0 } },
  { ...detection, box: Box.from01(third, 2 * third, 2 * third, third) },
  { ...detection, label: 'ü'.repeat(RESULT_LIMITS.nameLength) },
  { ...metric, value: 0, unit: 'x'.repeat(RESULT_LIMITS.unitLength), ptsUs: -1 },
];

/** What stands in a field's place: each in every field of each ordinary result, and of its box. */
const VALUES: readonly unknown[] = [
  undefined,
  null,
  true,
  '',
  'x',
  'a\0b',
  '\ud800',
  'x'.repeat(RESULT_LIMITS.nameLength),
  'x'.repeat(RESULT_LIMITS.nameLength + 1),
  'x'.repeat(RESULT_LIMITS.unitLength + 1),
  0,
  -0,
  1,
  -1,
  0.5,
  1 + 1e-7,
  1.1,
  -1e-9,
  Number.NaN,
  Infinity,
  -Infinity,
  2 ** 53,
  10n,
  Symbol('x'),
  [],
  [0.5],
  {},
  box,
  { ...box, x: 0.8 },
  { ...box, height: 0.9 },
  { ...box, z: 0 },
  { ...box, width: undefined },
  new Date(0),
  () => 0,
  'detection',
  'metric',
  'event',
];

function* variants(): Generator<unknown> {
  yield* VALUES;
  for (const result of ORDINARY) {
    for (const field of [...Object.keys(result), 'trackId', 'attributes', 'data', 'other'])
      for (const value of VALUES) yield { ...result, [field]: value };
    for (const field of Object.keys(result)) yield Object.fromEntries(Object.entries(result).filter(([name]) => name !== field));
    if (!('box' in result)) continue;
    for (const side of ['x', 'y', 'width', 'height'])
      for (const value of VALUES) yield { ...result, box: { ...(result.box as object), [side]: value } };
  }
}

describe(isOrdinaryResult.name, () => {
  it('takes what analyzers ordinarily say', () => {
    for (const result of ORDINARY) expect(isOrdinaryResult(result), JSON.stringify(result)).toBe(true);
  });

  it('takes nothing that the schema would refuse or change', () => {
    const taken = [...variants()].filter(isOrdinaryResult);
    expect(taken.length).toBeGreaterThan(50);
    for (const result of taken) expect(resultSchema.parse(result)).toStrictEqual(result);
  });
});

describe(parseTaskOutcome.name, () => {
  const outcome = { runId: '1', status: 'done', framesSeen: 1, framesExpected: 1, cpuMs: 1 };

  it.each<[string, unknown]>([
    ['ordinary results', { ...outcome, results: ORDINARY, reason: 'x'.repeat(10_000), extra: 1 }],
    ['none', { ...outcome, results: [] }],
    ['one that is not ordinary', { ...outcome, results: [detection, { type: 'text', ptsUs: 1, data: {} }] }],
    ['one that is wrong', { ...outcome, results: [detection, { ...detection, score: 2 }] }],
    ['too many', { ...outcome, results: Array.from({ length: RESULT_LIMITS.resultsPerRun + 1 }, () => metric) }],
    [
      'ordinary results of a task that has failed',
      { runId: '1', status: 'failed', code: 'ACME', message: 'm', retryable: true, results: ORDINARY },
    ],
    ['ordinary results in something that is no outcome', { ...outcome, status: 'perhaps', results: ORDINARY }],
    ['no results', outcome],
    ['no object', null],
  ])('says of %s what the schema says', (_, answer) => {
    const [own, schema] = [parseTaskOutcome(answer), taskOutcomeSchema.safeParse(answer)];
    expect(own.success).toBe(schema.success);
    expect(own.data).toStrictEqual(schema.data);
    expect(own.error?.issues).toEqual(schema.error?.issues);
  });
});
