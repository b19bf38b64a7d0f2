import { Injectable } from '@nestjs/common';
import type { Case } from '../persistence/clips/case-store.js';
import type { Clip } from '../persistence/clips/clip-store.js';
import { pagesOf } from '../persistence/read/page-of-rows.js';
import { TimelineReads } from '../persistence/read/timeline-reads.js';
import type { EventWire } from '../wire/wire.js';
import type { ArchivedFile } from './case-archive.js';
import { caseIndexPage, type CaseEntry } from './case-index-page.js';

const PAGE = 1_000;
/** Of one clip. */
const MOST_EVENTS = 100_000;

/** What a case's archive holds: its clips, what happened meanwhile, and a list of both for people and for programs. */
@Injectable()
export class CaseContents {
  constructor(private readonly timeline: TimelineReads) {}

  /**
   * @param nameOf what a clip's file is to be called
   * @param pathOf where it is
   */
  async of(
    { id, title, createdAt, createdBy, clips }: Case,
    nameOf: (clip: Clip) => string,
    pathOf: (clip: Clip) => string,
  ): Promise<ArchivedFile[]> {
    const files: ArchivedFile[] = [];
    const entries: CaseEntry[] = [];
    for (const [at, clip] of clips.entries()) {
      const number = String(at + 1).padStart(2, '0');
      const asked = { streamId: clip.streamId, from: new Date(clip.fromMs).toISOString(), to: new Date(clip.toMs).toISOString() };
      const said = { number, title: clip.title, mode: clip.mode, ...asked };
      if (clip.state !== 'done') {
        entries.push({ ...said, state: clip.state, problem: clip.detail ?? clip.state });
        continue;
      }
      const events = await this.events(clip);
      const names = { file: `clips/${number} ${nameOf(clip)}`, events: `events/${number}.jsonl` };
      files.push({ name: names.file, path: pathOf(clip), at: clip.finishedAt ?? createdAt });
      files.push({ name: names.events, text: events.map((event) => `${JSON.stringify(event)}\n`).join(''), at: createdAt });
      const { sha256, sizeBytes, result } = clip;
      entries.push({ ...said, ...names, state: clip.state, sha256, sizeBytes, result, eventCount: events.length });
    }
    const whole = { id, title, createdAt: createdAt.toISOString(), createdBy, clips: entries };
    return [
      { name: 'case.json', text: `${JSON.stringify(whole, null, 2)}\n`, at: createdAt },
      { name: 'index.html', text: caseIndexPage(whole), at: createdAt },
      ...files,
    ];
  }

  private async events({ streamId, fromMs, toMs, pts }: Clip): Promise<EventWire[]> {
    const found: EventWire[] = [];
    // Up to the end of what is on show last.
    const range = { fromUs: fromMs * 1_000, toUs: toMs * 1_000 + 1, ...(pts === null ? {} : { epochId: pts.epochId }) };
    const pages = pagesOf((after) => this.timeline.events({ streamId, ...range, limit: PAGE, after, descending: false }));
    for await (const items of pages) {
      found.push(...items);
      if (found.length >= MOST_EVENTS) break;
    }
    return found;
  }
}
