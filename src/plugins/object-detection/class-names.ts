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
