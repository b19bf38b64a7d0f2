import { Injectable } from '@nestjs/common';
import { loadErrorTable } from '../../errors/error-table.js';
import { OTHER_REASON } from '../../persistence/timeline/run-reason.js';

/** Why a segment was not looked at, in words. Gates of plugins have codes of their own. */
const SKIPPED: Readonly<Record<string, string>> = {
  overload: 'There was more to look at than could be looked at in time',
  paused: 'Its queue was paused, and a live stream waits for nothing for long',
  cancelled: 'Somebody called it off before its turn came',
  late: 'The segment came after later ones had been looked at',
  missing: 'The file was gone before anybody looked at it',
  retention: 'It was deleted by retention before anybody looked at it',
  disabled: 'The analyzer was switched off before its turn came',
  'config-changed': 'The configuration of the analyzer changed before its turn came',
  away: 'What it needed was not there in time: a host, a cloud, a model',
  budget: 'The budget for it was spent',
  private: 'The stream is private, and only a cloud could have looked',
  'no-motion': 'Nothing moved, and the analyzer looks only where something does',
  'no-audio': 'There is no sound in it',
  'no-video': 'There is no picture in it',
  'no-keyframe': 'There is no keyframe in it, and the analyzer looks at nothing else',
  'no-references': 'There was nothing to compare it with: no reference image',
  unsupported: 'Its pictures are larger than can be looked at',
  [OTHER_REASON]: 'For a reason of its own; the runs of that time say which',
};

/** Codes of why nothing was found, in words. */
@Injectable()
export class TimelineReasons {
  private titles: Promise<ReadonlyMap<string, string>> | undefined;

  async words(codes: Iterable<string>): Promise<{ code: string; text: string }[]> {
    const titles = await (this.titles ??= loadErrorTable().then((rows) => new Map(rows.map(({ code, title }) => [code, title]))));
    return [...codes].sort().map((code) => ({ code, text: titles.get(code) ?? SKIPPED[code] ?? textOfCode(code) }));
  }
}

const textOfCode = (code: string): string =>
  code.startsWith('VD_') ? 'An error of a plugin; the runs of that time have its message' : `A plugin says: ${code.replaceAll('-', ' ')}`;
