import type { MediaRequest, OpenMedia } from 'vedette/plugin';

/** Fetches media and gives its bytes to whoever reads them. */
export interface Feed {
  /** Of what it gives. */
  readonly request: Pick<MediaRequest, 'format' | 'options' | 'stamps'>;
  /** Its source is silent no longer than this between two gifts, even when all is well. */
  readonly pauseMs: number;
  /** How far back the first media lies. */
  readonly behindMs: number;
  /** Gives until the source has ended. @throws VD_PULL_* */
  run(media: Pick<OpenMedia, 'write' | 'drained'>): Promise<void>;
}

/** Gives one chunk, and waits where that is wished. */
export async function give(media: Pick<OpenMedia, 'write' | 'drained'>, chunk: Uint8Array): Promise<void> {
  if (!media.write(chunk)) await media.drained();
}
