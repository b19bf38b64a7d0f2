import { wrongNames } from './errors.js';

const MAX_CLASSES = 10_000;

/**
 * Class names from an ONNX file's metadata: a JSON list, a JSON object by index, or the Python dict that exporters write.
 * @example parseClassNames("{0: 'person', 1: 'car'}") // ['person', 'car']
 */
export function parseClassNames(text: string | undefined): string[] {
  if (text === undefined) return [];
  const names: string[] = [];
  try {
    const parsed: unknown = JSON.parse(text);
    for (const [index, name] of Object.entries(parsed as object)) if (/^\d{1,4}$/.test(index)) names[Number(index)] = String(name);
  } catch {
    for (const [, index, single, double] of text.matchAll(/(?<!\d)(\d{1,4})\s*:\s*(?:'([^']*)'|"([^"]*)")/g))
      names[Number(index)] = single ?? double ?? '';
  }
  return Array.from(names, (name, index) => name || `class ${index}`);
}

/** Metadata under which exporters leave class names. */
const NAME_KEYS = ['names', 'classes', 'class_names', 'id2label'];

/** The class names that the model brings, or none. */
export function namesInMetadata(metadata: Readonly<Record<string, string>>): string[] {
  for (const key of NAME_KEYS) {
    const names = parseClassNames(metadata[key]);
    if (names.length > 0) return names;
  }
  return [];
}

/**
 * Class names from a file: one per line, or JSON (a list, an object by index, or a configuration with `id2label`).
 * @throws VD_DETECTION_WRONG_NAMES
 */
export function parseLabels(text: string, file: string): string[] {
  const trimmed = text.replace(/^\uFEFF/, '').trimEnd();
  const names = /^\s*[[{]/.test(trimmed) ? parseClassNames(id2labelOf(trimmed)) : trimmed.split(/\r?\n/).map((line) => line.trim());
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
