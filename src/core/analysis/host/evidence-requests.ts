import type { HeldPictures } from '../../decode/held-pictures.js';
import { analysisError } from '../../errors/analysis.errors.js';
import { errorText, RESULT_LIMITS } from '../../plugin-api/index.js';
import type { AnalysisResult, CodedError, EvidenceResult, PtsUs } from '../../plugin-api/index.js';
import { cutEvidence } from './evidence-cut.js';

/** What one run's analyzer wants to keep pictures of: the best of each event, cut out once the segment has been looked at. */
export class EvidenceRequests {
  private readonly best = new Map<string, EvidenceResult>();
  private refusals = 0;
  private firstRefusal = '';

  /** @param held the pictures that the analyzer is shown */
  constructor(private readonly held: HeldPictures) {}

  /** Why some of it was not kept; undefined where all was. It is no failure of the run. */
  get refused(): CodedError | undefined {
    if (this.refusals === 0) return undefined;
    const others = this.refusals === 1 ? '' : ` (the first of ${this.refusals})`;
    return analysisError('VD_ANALYZER_EVIDENCE_REFUSED', `Evidence was not kept${others}: ${this.firstRefusal}`);
  }

  /** @param asked has passed for evidence */
  ask({ key, ptsUs, box: { x, y, width, height }, rank }: EvidenceResult): void {
    const known = this.best.get(key);
    if (known !== undefined && known.rank >= rank) return;
    if (!this.held.has(ptsUs)) return this.refuse(noPictureAt(ptsUs));
    if (known === undefined && this.best.size >= RESULT_LIMITS.evidencePerRun)
      return this.refuse(`more than ${RESULT_LIMITS.evidencePerRun} events in one segment`);
    this.best.set(key, { type: 'evidence', key, ptsUs, box: { x, y, width, height }, rank });
  }

  refuse(why: string): void {
    if (this.refusals++ === 0) this.firstRefusal = why;
  }

  /** @param results of the run: only what an event of theirs shows is kept */
  async cut(results: readonly AnalysisResult[], signal: AbortSignal): Promise<EvidenceResult[]> {
    const told = new Set(results.flatMap((result) => (result.type === 'event' ? [result.key] : [])));
    const cut: EvidenceResult[] = [];
    // In the order of media: what is of one picture comes together.
    for (const asked of [...this.best.values()].sort((a, b) => a.ptsUs - b.ptsUs)) {
      if (signal.aborted) break;
      if (!told.has(asked.key)) {
        this.refuse(`nothing was told of its event ${asked.key} in this segment`);
        continue;
      }
      try {
        const picture = this.held.at(asked.ptsUs);
        if (picture === undefined) this.refuse(noPictureAt(asked.ptsUs));
        else cut.push({ ...asked, picture: await cutEvidence(picture, asked.box) });
      } catch (error) {
        this.refuse(errorText(error));
      }
    }
    return cut;
  }
}

const noPictureAt = (ptsUs: PtsUs): string => `no sound picture at ptsUs ${ptsUs} was looked at in this segment`;
