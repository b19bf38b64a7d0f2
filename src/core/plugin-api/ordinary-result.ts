import type { DetectionResult, MetricResult } from './result.js';
import { BOX_TOLERANCE, isStorableText, RESULT_LIMITS } from './result-limits.js';

/**
 * Whether a result is one of the ordinary kinds, without data of its own, and right in every way that `resultSchema` asks for. It is what
 * segments have by the dozen, and takes a twentieth of the time that the schema takes. Where this says no, the schema decides.
 */
export function isOrdinaryResult(result: unknown): result is DetectionResult | MetricResult {
  if (typeof result !== 'object' || result === null || Array.isArray(result)) return false;
  const { type, ptsUs } = result as { readonly type?: unknown; readonly ptsUs?: unknown };
  if (!Number.isSafeInteger(ptsUs)) return false;
  if (type === 'detection') return isDetection(result);
  return type === 'metric' && isMetric(result);
}

function isDetection(result: object): boolean {
  const { label, score, box, trackId } = result as { readonly [key in keyof DetectionResult]?: unknown };
  const fields = trackId === undefined ? 5 : 6;
  return (
    Object.keys(result).length === fields &&
    isName(label, RESULT_LIMITS.nameLength) &&
    isShare(score) &&
    isBox(box) &&
    (trackId === undefined || isName(trackId, RESULT_LIMITS.nameLength))
  );
}

function isMetric(result: object): boolean {
  const { name, value, unit } = result as { readonly [key in keyof MetricResult]?: unknown };
  return (
    Object.keys(result).length === 5 &&
    isName(name, RESULT_LIMITS.nameLength) &&
    Number.isFinite(value) &&
    isName(unit, RESULT_LIMITS.unitLength)
  );
}

function isBox(box: unknown): boolean {
  if (typeof box !== 'object' || box === null || Array.isArray(box) || Object.keys(box).length !== 4) return false;
  const { x, y, width, height } = box as Record<string, unknown>;
  if (!isShare(x) || !isShare(y) || !isShare(width) || !isShare(height)) return false;
  return x + width <= 1 + BOX_TOLERANCE && y + height <= 1 + BOX_TOLERANCE;
}

const isShare = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= 1;

const isName = (value: unknown, maxLength: number): boolean =>
  typeof value === 'string' && value.length > 0 && value.length <= maxLength && isStorableText(value);
