import { readFileSync, statSync } from 'node:fs';
import { LineCounter, isMap, isNode, isScalar, parseDocument, visit, type Document, type Pair } from 'yaml';
import { configError } from '../errors/config.errors.js';
import { mistakenFor } from '../runtime/mistaken-file.js';
import { errorText } from '../plugin-api/error.js';

const MAX_FILE_BYTES = 1_000_000;
/** How often anchors may be expanded in all: generous for people, fatal for alias bombs. */
const MAX_ALIASES = 100;
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/** A parsed YAML text that remembers where each key stands. */
export interface YamlSource {
  readonly file: string;
  readonly value: Record<string, unknown>;
  /** `file:line` of the key or value at a path, or of the closest key above it. */
  where(path: readonly PropertyKey[]): string;
}

/** Reads a config file. @throws VD_CONFIG_FILE_UNREADABLE, VD_CONFIG_SYNTAX */
export function readYamlFile(file: string): YamlSource {
  let bytes: Buffer;
  try {
    const { size } = statSync(file);
    if (size > MAX_FILE_BYTES) throw new Error(`it holds ${size} bytes, more than ${MAX_FILE_BYTES}`);
    bytes = readFileSync(file);
  } catch (cause) {
    throw configError('VD_CONFIG_FILE_UNREADABLE', `${file}: ${errorText(cause)}`, { cause });
  }
  // The defaults would be other folders and other streams: nobody's wish, and as frightening as a loss.
  const mistake = mistakenFor(bytes);
  if (mistake !== null) throw configError('VD_CONFIG_FILE_UNREADABLE', `${file}: ${mistake}`);
  return parseYaml(bytes.toString('utf8'), file);
}

/** Parses hostile-safe: no custom tags, no prototype keys, aliases bounded, one document, a map at the root. */
export function parseYaml(text: string, file: string): YamlSource {
  const lines = new LineCounter();
  const at = (offset: number): string => `${file}:${lines.linePos(offset).line}`;
  let document: Document.Parsed;
  let value: unknown;
  try {
    document = parseDocument(text, { lineCounter: lines, schema: 'core', merge: true, prettyErrors: false, strict: true });
    const problem = document.errors[0] ?? document.warnings[0];
    if (problem !== undefined) throw syntax(at(problem.pos[0]), problem.message);
    refuseForbiddenKeys(document, at);
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('VD_')) throw error;
    // The parser's own limits: alias bombs (ReferenceError) and nesting deeper than the stack (RangeError).
    throw syntax(file, errorText(error));
  }
  if (value !== null && (typeof value !== 'object' || Array.isArray(value)))
    throw syntax(`${file}:1`, 'expected keys and values at the top level');
  return { file, value: (value ?? {}) as Record<string, unknown>, where: (path) => locate(document, path, at) ?? file };
}

const syntax = (where: string, what: string) => configError('VD_CONFIG_SYNTAX', `${where}: ${what}`);

function refuseForbiddenKeys(document: Document.Parsed, at: (offset: number) => string): void {
  visit(document, {
    Pair(_, pair) {
      const key = isScalar(pair.key) ? String(pair.key.value) : '';
      if (!FORBIDDEN_KEYS.has(key)) return;
      const offset = isNode(pair.key) ? (pair.key.range?.[0] ?? 0) : 0;
      throw configError('VD_CONFIG_UNKNOWN_KEY', `${at(offset)}: ${key} is not a config key`);
    },
  });
}

function locate(document: Document.Parsed, path: readonly PropertyKey[], at: (offset: number) => string): string | undefined {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const step of path) {
    const pair: Pair | undefined = isMap(node)
      ? node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step))
      : undefined;
    const next: unknown =
      pair === undefined ? (node as { get?: (key: unknown, keep: true) => unknown } | null)?.get?.(step, true) : pair.value;
    const anchor: unknown = pair?.key ?? next;
    if (isNode(anchor) && anchor.range) offset = anchor.range[0];
    else break;
    node = next;
  }
  return offset === undefined ? undefined : at(offset);
}
