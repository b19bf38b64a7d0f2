/** A media fragment on the player's timeline. */
export interface FragmentPlace {
  readonly epochId: string;
  readonly sequence: number;
  readonly startSeconds: number;
  readonly durationSeconds: number;
  /** Wall clock of its beginning, as the playlist tells it. */
  readonly atMs?: number | null;
  /** Where its first picture lies, once it was demuxed: audio may begin earlier and `startSeconds` follows the earlier. */
  readonly videoStartSeconds: number | null;
  /** Where its last picture ends. */
  readonly videoEndSeconds?: number | null;
  /** It comes behind one with another clock. */
  readonly isSeam?: boolean;
}

/** Half of the shortest distance between frames that is in use (1/500 s): more than any rounding, less than a frame. */
const EPSILON_SECONDS = 0.001;
/** Of those that the playlist has dropped. */
const KEPT_BEYOND = 600;

/** Epoch and sequence from a segment's address: `/streaming/<streamId>/<epochId>/<sequence>.ts`. */
export function parseSegmentUrl(url: string): { streamId: string; epochId: string; sequence: number } | null {
  const match = /\/streaming\/([^/?#]+)\/([^/?#]+)\/0*(\d+)\.\w+(?:[?#]|$)/.exec(url);
  return match ? { streamId: match[1]!, epochId: match[2]!, sequence: Number(match[3]) } : null;
}

/** Which fragment holds a media time: those of the playlist, and those played that the playlist has dropped. */
export class FragmentTimeline {
  private readonly byKey = new Map<string, FragmentPlace>();
  private sorted: FragmentPlace[] | null = null;
  private listed = 0;

  /** The playlist names so many: a recording of a day names as many as a day has. */
  expect(listed: number): void {
    this.listed = listed;
  }

  put(place: FragmentPlace): void {
    const key = `${place.epochId}/${place.sequence}`;
    const before = this.byKey.get(key);
    this.byKey.delete(key);
    this.byKey.set(key, {
      ...place,
      atMs: place.atMs ?? before?.atMs ?? null,
      videoStartSeconds: place.videoStartSeconds ?? before?.videoStartSeconds ?? null,
      videoEndSeconds: place.videoEndSeconds ?? before?.videoEndSeconds ?? null,
      isSeam: place.isSeam ?? before?.isSeam ?? false,
    });
    while (this.byKey.size > this.listed + KEPT_BEYOND) this.byKey.delete(this.byKey.keys().next().value!);
    this.sorted = null;
  }

  at(mediaTimeSeconds: number): FragmentPlace | null {
    const sorted = this.inOrder();
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (originOf(sorted[middle]!) <= mediaTimeSeconds + EPSILON_SECONDS) low = middle + 1;
      else high = middle;
    }
    const place = sorted[low - 1];
    if (!place) return null;
    // Beyond its end by more than a second there is no fragment: the picture is of something this timeline never saw.
    return mediaTimeSeconds > place.startSeconds + place.durationSeconds + 1 ? null : place;
  }

  /** Where a moment of the wall clock is shown; null: by no fragment. */
  mediaTimeAt(atMs: number): number | null {
    for (const { atMs: startMs, startSeconds, durationSeconds } of this.inOrder()) {
      if (startMs == null || atMs < startMs || atMs >= startMs + durationSeconds * 1000) continue;
      return startSeconds + (atMs - startMs) / 1000;
    }
    return null;
  }

  /** Wall clocks between which there are fragments; null while none is known. */
  get spanMs(): { readonly fromMs: number; readonly toMs: number } | null {
    const known = this.inOrder().filter(({ atMs }) => atMs != null);
    const [first, last] = [known[0], known.at(-1)];
    return first && last ? { fromMs: first.atMs!, toMs: last.atMs! + last.durationSeconds * 1000 } : null;
  }

  get(epochId: string, sequence: number): FragmentPlace | null {
    return this.byKey.get(`${epochId}/${sequence}`) ?? null;
  }

  private inOrder(): readonly FragmentPlace[] {
    return (this.sorted ??= [...this.byKey.values()].sort((a, b) => originOf(a) - originOf(b)));
  }

  clear(): void {
    this.byKey.clear();
    this.sorted = null;
  }
}

export function originOf(place: FragmentPlace): number {
  return place.videoStartSeconds ?? place.startSeconds;
}
