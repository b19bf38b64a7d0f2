import { pluginError } from '../errors/plugin.errors.js';
import type { AnalyzerDefinition, JsonValue, TrackingSpec } from '../plugin-api/index.js';

const UNIT = ['startScore', 'continueScore', 'minIou'] as const;
const MAX_GAP_MS = 600_000;
const MAX_HITS = 1_000;

/**
 * How an analyzer wants its detections linked into tracks under this config, if it does.
 * @param place where the plugin is named, for the error
 * @throws VD_PLUGIN_INVALID for numbers that cannot be meant
 */
export function checkedTracking(
  place: string,
  definition: Pick<AnalyzerDefinition, 'id' | 'tracking'>,
  config: JsonValue,
): TrackingSpec | undefined {
  const spec = typeof definition.tracking === 'function' ? definition.tracking(config) : definition.tracking;
  if (spec === undefined) return undefined;
  const refuse = (field: keyof TrackingSpec, range: string): never => {
    throw pluginError('VD_PLUGIN_INVALID', `${place}: ${definition.id}: tracking.${field} is ${spec[field]}, not ${range}`);
  };
  for (const field of UNIT) if (!(spec[field] >= 0 && spec[field] <= 1)) refuse(field, 'within 0..1');
  if (spec.continueScore > spec.startScore) refuse('continueScore', 'at most startScore');
  if (!(spec.maxGapMs >= 0 && spec.maxGapMs <= MAX_GAP_MS)) refuse('maxGapMs', `within 0..${MAX_GAP_MS}`);
  if (!(Number.isInteger(spec.minHits) && spec.minHits >= 1 && spec.minHits <= MAX_HITS)) {
    refuse('minHits', `a whole number from 1 to ${MAX_HITS}`);
  }
  return spec;
}
