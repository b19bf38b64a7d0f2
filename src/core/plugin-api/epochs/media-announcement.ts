/** What a publisher announces of its media, of which only numbers in a sane range are kept. */
export interface MediaAnnouncement {
  /** False when the metadata names no audio codec: no audio will come. */
  readonly hasAudio: boolean;
  /** False when the metadata names neither a video codec nor a size. */
  readonly hasVideo: boolean;
  readonly widthPx?: number;
  readonly heightPx?: number;
  readonly framesPerSecond?: number;
}
