import type { AnalyzerTask, JsonValue } from 'vedette/plugin';
import type { CommonSettings } from './settings.js';
import type { Want } from './provider.js';

/** Where analyzers keep the names of what they look for. */
const LABEL_KEYS = ['only', 'labels', 'names', 'classes'];
/** More than anybody lists by hand, and more than a request should carry. */
const MAX_LABELS = 1000;

/** An analyzer's share of a job, as a cloud sees it. */
export interface WantedBy {
  readonly task: AnalyzerTask;
  readonly want: Want;
}

/** What of an analyzer's tasks a provider does; undefined: none. */
export const taskFor = (task: AnalyzerTask, able: readonly string[]): string | undefined => task.solves.find((name) => able.includes(name));

/** Names that may be answered for an analyzer: the strategy's own list, else the one in the analyzer's config. */
export function labelsFor(task: AnalyzerTask, { only }: CommonSettings['labels']): readonly string[] {
  return only ?? listIn(task.config);
}

function listIn(config: JsonValue): readonly string[] {
  if (config === null || typeof config !== 'object' || Array.isArray(config)) return [];
  for (const key of LABEL_KEYS) {
    const list = config[key];
    if (Array.isArray(list) && list.length > 0 && list.length <= MAX_LABELS && list.every((name) => typeof name === 'string'))
      return list as string[];
  }
  return [];
}

/**
 * One want for each task, whoever asks: a picture is paid for once. Labels of all are asked for, and everything where one takes
 * everything.
 */
export function merged(wants: readonly Want[]): Want[] {
  const byTask = new Map<string, Want>();
  for (const want of wants) {
    const other = byTask.get(want.task);
    const isOpen = want.labels.length === 0 || other?.labels.length === 0;
    byTask.set(want.task, { task: want.task, labels: isOpen ? [] : [...new Set([...(other?.labels ?? []), ...want.labels])] });
  }
  return [...byTask.values()];
}
