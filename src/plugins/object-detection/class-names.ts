import { displayName } from 'vedette/plugin';
import { wrongNames } from './errors.js';
import { parseLiteral } from './python-literal.js';

const MAX_CLASSES = 10_000;

/**
 * Class names from an ONNX file's metadata, as exporters write them: a list or tuple, or a dictionary by index, in Python or JSON.
 * A class without a name is called by its number.
 * @returns empty for anything else
 * @example parseClassNames("{0: 'person', 1: 'car'}") // ['person', 'car']
 */
export function parseClassNames(text: string): string[] {
  const literal = parseLiteral(text);
  const entries = literal instanceof Map ? [...literal] : Array.isArray(literal) ? [...literal.entries()] : [];
  const names: string[] = [];
  for (const [key, value] of entries as [unknown, unknown][]) {
    const index = indexOf(key);
    if (index === undefined || (typeof value !== 'string' && typeof value !== 'number')) return [];
    names[index] = displayName(String(value));
  }
  return Array.from(names, (name, index) => name || `class ${index}`);
}

function indexOf(key: unknown): number | undefined {
  const index = typeof key === 'string' && /^\d{1,5}$/.test(key) ? Number(key) : key;
  return typeof index === 'number' && Number.isInteger(index) && index >= 0 && index < MAX_CLASSES ? index : undefined;
}

/** Metadata under which exporters leave class names. */
const NAME_KEYS = ['names', 'classes', 'class_names', 'id2label'];

export interface NamesFound {
  readonly names: readonly string[];
  /** What stands where names should stand, and could not be read as any: `names=…`. */
  readonly unread?: string;
}

const SHOWN_CHARS = 80;

/** The class names that the model brings, or none. */
export function namesInMetadata(metadata: Readonly<Record<string, string>>): NamesFound {
  let unread: string | undefined;
  for (const key of NAME_KEYS) {
    const text = metadata[key];
    if (text === undefined) continue;
    const names = parseClassNames(text);
    if (names.length > 0) return { names };
    unread ??= `${key}=${text.slice(0, SHOWN_CHARS)}`;
  }
  return { names: [], ...(unread === undefined ? {} : { unread }) };
}

/**
 * Class names from a file: one per line, or JSON (a list, an object by index, or a configuration with `id2label`).
 * @throws VD_DETECTION_WRONG_NAMES
 */
export function parseLabels(text: string, file: string): string[] {
  const trimmed = text.replace(/^\uFEFF/, '').trimEnd();
  const names = /^\s*[[{]/.test(trimmed) ? parseClassNames(id2labelOf(trimmed)) : trimmed.split(/\r?\n/).map(displayName);
  if (trimmed === '' || names.length === 0)
    throw wrongNames(`${file} has no class names`, 'Write one class name per line, in the order of the model.');
  const empty = names.indexOf('');
  if (empty >= 0) throw wrongNames(`${file} has no name in line ${empty + 1}`, 'Write a name, or a dash for a class that is not used.');
  if (names.length > MAX_CLASSES) throw wrongNames(`${file} has ${names.length} lines`, `Give at most ${MAX_CLASSES} class names.`);
  return names;
}

function id2labelOf(text: string): string {
  try {
    const parsed = JSON.parse(text) as { id2label?: unknown };
    return parsed.id2label === undefined ? text : JSON.stringify(parsed.id2label);
  } catch {
    return text;
  }
}
