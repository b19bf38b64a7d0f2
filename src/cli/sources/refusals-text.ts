import type { PublishRefusalWire } from '../../core/wire/sources.wire.js';
import type { ListedStream } from './sources-text.js';

/** Each group with what to do about it, the latest first. */
export function refusalsText(refusals: readonly PublishRefusalWire[], streams: readonly Pick<ListedStream, 'id' | 'name'>[]): string {
  if (refusals.length === 0) return 'No publisher was refused lately.';
  const names = new Map(streams.map(({ id, name }) => [id, name]));
  return refusals.map((refusal) => lines(refusal, names.get(refusal.streamId ?? ''))).join('\n');
}

function lines({ lastAt, count, address, code, reason, fix, app, keyHint }: PublishRefusalWire, stream: string | undefined): string {
  const about = [
    ...(stream === undefined ? [] : [`stream ${stream}`]),
    ...(app === null ? [] : [`application ${app}`]),
    ...(keyHint === null ? [] : [`key ${keyHint}`]),
  ];
  const head = `${lastAt}  ${count} x  ${(address ?? 'several addresses').padEnd(15)}  ${code}: ${reason}`;
  return [head, ...(about.length === 0 ? [] : [`    ${about.join(', ')}`]), ...(fix === null ? [] : [`    ${fix}`])].join('\n');
}
