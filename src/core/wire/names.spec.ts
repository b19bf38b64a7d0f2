import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import * as brands from './brands.wire.js';
import * as inputs from './inputs.js';
import * as rules from './rules.wire.js';

const GIVEN = '  Cafe\u0301\u00A0\u200BMüller ';
const KEPT = 'Café Müller';
/** What people call things. */
const NAMES = ['name', 'title', 'variant', 'labels', 'label'];
/** Names of streams are part of addresses and of patterns in the config: they have an alphabet of their own. */
const OWN_ALPHABET = ['newStreamBody.name', 'queueParams.name'];
/** Names that analyzers give, not people. */
const OF_ANALYZERS = ['metricQuery.name', 'eventQuery.name'];

const entrances = Object.entries({ ...brands, ...inputs, ...rules }).flatMap(([schemaName, schema]) => {
  if (!/(Body|Patch|Query|Params)$/.test(schemaName) || typeof schema !== 'object' || !('shape' in schema)) return [];
  const shape = schema.shape as Record<string, z.ZodType>;
  return NAMES.filter((field) => Object.hasOwn(shape, field)).map((field) => ({
    entrance: `${schemaName}.${field}`,
    field: shape[field]!,
  }));
});

describe('names that come in by REST', () => {
  it('are looked for below', () => {
    expect(entrances.map(({ entrance }) => entrance)).toEqual(
      expect.arrayContaining(['newBrandBody.name', 'newTokenBody.name', 'newStreamBody.title', 'streamPatch.title', 'newRuleBody.labels']),
    );
  });

  it.each(entrances.filter(({ entrance }) => ![...OWN_ALPHABET, ...OF_ANALYZERS].includes(entrance)))(
    'are taken as they are kept and compared: $entrance',
    ({ field }) => {
      const asText = field.safeParse(GIVEN);
      const taken = asText.success ? asText.data : field.parse([GIVEN]);
      expect(taken).toEqual(Array.isArray(taken) ? [KEPT] : KEPT);
      expect(field.safeParse('\u200B').success || field.safeParse(['\u200B']).success).toBe(false);
    },
  );
});
