import type { CapacityFacts } from './facts.js';
import type { AnalyzerEdit, Plan } from './plan.js';
import type { JsonValue } from '../plugin-api/index.js';

/** What to write into vedette.config.yaml to get from one plan to another; empty where it takes no config. */
export function configLines(from: Plan, to: Plan, { analyzers }: Pick<CapacityFacts, 'analyzers'>): string[] {
  const hosts = [...to.hostEdits].filter(([machine, count]) => from.hostEdits.get(machine) !== count);
  const edits = [...to.edits].filter(([id, edit]) => from.edits.get(id) !== edit);
  const byPlugin = Map.groupBy(edits, ([id]) => analyzers.find((one) => one.id === id)?.use ?? '');
  return [
    ...hosts.flatMap(([machine, count]) => ['analysis:', `  hosts: ${count}  # on ${machine}`]),
    ...(byPlugin.size === 0 ? [] : ['plugins:']),
    ...[...byPlugin].flatMap(([use, own]) => [
      `  - use: ${scalar(use)}`,
      '    analyzers:',
      ...own.flatMap(([id, edit]) => [`      ${scalar(id)}:`, ...editLines(edit).map((line) => `        ${line}`)]),
    ]),
  ];
}

function editLines({ enabled, streams, when, config, prefer }: AnalyzerEdit): string[] {
  return [
    ...(enabled === undefined ? [] : ['enabled: false']),
    ...(streams === undefined ? [] : [`streams: ${flow(streams)}`]),
    ...(when === undefined ? [] : [`when: ${scalar(when)}`]),
    ...(config === undefined
      ? []
      : [
          `config: { ${Object.entries(config)
            .map(([key, value]) => `${scalar(key)}: ${flow(value)}`)
            .join(', ')} }`,
        ]),
    ...(prefer === undefined ? [] : [`execution: { prefer: ${flow(prefer)} }`]),
  ];
}

const flow = (value: JsonValue | readonly string[]): string =>
  Array.isArray(value)
    ? `[${value.map((item) => (typeof item === 'string' ? scalar(item) : JSON.stringify(item))).join(', ')}]`
    : JSON.stringify(value);
/** Plain where YAML takes it as a text, else quoted as JSON, which YAML reads too. */
const scalar = (text: string): string =>
  /^[A-Za-z][A-Za-z0-9_./-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text) ? text : JSON.stringify(text);
