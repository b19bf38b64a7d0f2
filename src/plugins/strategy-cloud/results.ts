import { Box, displayName, RESULT_LIMITS, type AnalysisResult, type JsonObject, type PtsUs } from 'vedette/plugin';
import type { Finding, FoundBox } from './provider.js';

/** What one picture may yield: beyond it a provider does not describe it but floods us. */
const MAX_FINDINGS = 500;
const MAX_TEXT_LENGTH = 4_000;
/** NUL has no form in the database; other control characters have no place in a name. */
const NUL = /\u0000/g;
const CONTROL = /[\u0000-\u001f\u007f]+/g;

/** What an analyzer takes of what was found. */
export interface Filter {
  readonly minScore: number;
  /** What may be answered; empty: anything. */
  readonly labels: readonly string[];
  readonly rename: Readonly<Record<string, string>>;
}

export interface MappedFindings {
  readonly results: readonly AnalysisResult[];
  /** Findings that say nothing which could be stored. */
  readonly unusable: number;
}

/**
 * Makes results of what a provider said of one picture, and lets nothing else through: scores of 0..1, boxes within the picture, names
 * and texts of a sane length. A provider that lies can only be wrong.
 */
export function mapFindings(findings: readonly Finding[], ptsUs: PtsUs, filter: Filter): MappedFindings {
  const allowed = new Map(filter.labels.map((label) => [label.toLowerCase(), label]));
  const results: AnalysisResult[] = [];
  let unusable = Math.max(0, findings.length - MAX_FINDINGS);
  for (const finding of findings.slice(0, MAX_FINDINGS)) {
    const result = resultOf(finding, ptsUs, filter.rename);
    if (result === undefined) unusable++;
    else if (isTaken(result, filter.minScore)) {
      const named = withAllowedName(result, allowed);
      if (named !== undefined) results.push(named);
    }
  }
  return { results, unusable };
}

function resultOf({ kind, name, score, box, value, unit }: Finding, ptsUs: PtsUs, rename: Filter['rename']): AnalysisResult | undefined {
  if (kind === 'text') {
    const text = cleanText(name);
    const place = box === undefined ? undefined : boxOf(box);
    if (text === undefined || (score !== undefined && !isShare(score))) return undefined;
    return {
      type: 'text',
      ptsUs,
      data: {
        text,
        ...(score === undefined ? {} : { score }),
        ...(place === undefined ? {} : { box: { ...place } as unknown as JsonObject }),
      },
    };
  }
  const label = cleanName(name, rename);
  if (label === undefined) return undefined;
  if (kind === 'metric') {
    const measure = cleanName(unit, {});
    if (typeof value !== 'number' || !Number.isFinite(value) || measure === undefined || measure.length > RESULT_LIMITS.unitLength)
      return undefined;
    return { type: 'metric', ptsUs, name: label, value, unit: measure };
  }
  if (!isShare(score)) return undefined;
  if (kind === 'classification') return { type: 'classification', ptsUs, data: { label, score } };
  const place = box === undefined ? undefined : boxOf(box);
  return place === undefined ? undefined : { type: 'detection', ptsUs, label, score, box: place };
}

function isTaken(result: AnalysisResult, minScore: number): boolean {
  if (result.type === 'detection') return result.score >= minScore;
  const score = result.type === 'classification' || result.type === 'text' ? result.data.score : undefined;
  return typeof score !== 'number' || score >= minScore;
}

/** In the spelling of the list; undefined where it is not on it. */
function withAllowedName(result: AnalysisResult, allowed: ReadonlyMap<string, string>): AnalysisResult | undefined {
  if (allowed.size === 0) return result;
  if (result.type === 'detection') {
    const label = allowed.get(result.label.toLowerCase());
    return label === undefined ? undefined : { ...result, label };
  }
  if (result.type !== 'classification') return result;
  const label = allowed.get(String(result.data.label).toLowerCase());
  return label === undefined ? undefined : { ...result, data: { ...result.data, label } };
}

const isShare = (score: unknown): score is number => typeof score === 'number' && score >= 0 && score <= 1;

/** Clamped to the picture; undefined where nothing of it is left. */
function boxOf({ x, y, width, height }: FoundBox): ReturnType<typeof Box.from01> | undefined {
  if (![x, y, width, height].every((side) => typeof side === 'number' && Number.isFinite(side))) return undefined;
  const box = Box.from01(x as number, y as number, width as number, height as number);
  return box.width > 0 && box.height > 0 ? box : undefined;
}

function cleanName(name: unknown, rename: Filter['rename']): string | undefined {
  if (typeof name !== 'string') return undefined;
  const plain = displayName(name.toWellFormed().replaceAll(CONTROL, ' '));
  const known = Object.hasOwn(rename, plain) ? rename[plain]! : plain;
  return known.length > 0 && known.length <= RESULT_LIMITS.nameLength ? known : undefined;
}

function cleanText(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  const plain = text.replaceAll(NUL, '').trim().slice(0, MAX_TEXT_LENGTH).toWellFormed();
  return plain === '' ? undefined : plain;
}
