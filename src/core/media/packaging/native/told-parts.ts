import type { PartsListener } from '../../../persistence/notify/parts-announcer.js';
import type { SegmentPart } from '../../../persistence/notify/segment-parts.js';
import type { WrittenPart } from './segment-writer.js';

/** Tells whoever follows an epoch of each part as it is written, with those before it in its segment. */
export class ToldParts {
  private sequence = -1;
  private parts: SegmentPart[] = [];

  constructor(private readonly listener: PartsListener | undefined) {}

  get areWanted(): boolean {
    return this.listener?.isFollowed() ?? false;
  }

  written({ sequence, isLast, ...part }: WrittenPart): void {
    if (sequence !== this.sequence) this.parts = [];
    this.sequence = sequence;
    this.parts.push(part);
    this.listener?.told({ sequence, parts: this.parts, isComplete: isLast });
  }
}
