import { isRandomAccess } from '../../decode/codec/nal.js';
import type { Picture } from './epoch-source.js';
import { NotCuttable } from './not-cuttable.js';

/** More than any group of pictures of a live stream has. */
const MOST_GROUP_BYTES = 192 * 1024 ** 2;

/** Collects pictures in decode order into groups, each of which can be decoded by itself and refers to no other. */
export class PictureGroups {
  private group: Picture[] = [];
  private groupBytes = 0;

  /**
   * @returns the group before, where this picture begins a new one
   * @throws NotCuttable where groups have no end
   */
  push(picture: Picture): readonly Picture[] | undefined {
    const { data } = picture;
    const isFirst = this.group.length === 0;
    // An IDR picture: nothing after it refers to anything before it, and nothing after it is shown before it.
    const begins = picture.keyframe && (isFirst || isRandomAccess('h264', data) === true);
    if (isFirst && !begins) return undefined;
    const before = begins && !isFirst ? this.group : undefined;
    if (begins) [this.group, this.groupBytes] = [[], 0];
    const { ptsTicks, dtsTicks, keyframe, broken } = picture;
    this.group.push({ ptsTicks, dtsTicks, keyframe, broken, data });
    this.groupBytes += data.length;
    if (this.groupBytes > MOST_GROUP_BYTES) throw new NotCuttable('its groups of pictures are too long');
    return before;
  }

  /** The last one. */
  finish(): readonly Picture[] {
    return this.group;
  }
}
