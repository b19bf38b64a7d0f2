import { Inject, Injectable, Optional } from '@nestjs/common';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { errorText, CodedError, SEGMENT_URLS } from '../../plugin-api/index.js';
import { mediaError } from '../../errors/media.errors.js';
import { isMissing } from '../epoch-folder.js';
import { initializationPath, pathBefore } from '../segment-name.js';
import { FetchFailure, fetchSegment } from './fetch-segment.js';
import type { SegmentAddresses } from './segment-addresses.js';
import { SegmentCache } from './segment-cache.js';
import { SegmentFiles, type HeldSegment, type StoredSegment } from './segment-files.js';

/** Waits between attempts; an ingest role that is started anew is back within their sum. */
const RETRY_AFTER_MS = [200, 400, 800, 1600] as const;
/** What sound and pictures go on from is worth this much of a job's time. */
const BEFORE_TIMEOUT_MS = 3_000;

/** Nest token of {@link FetchedSegmentsOptions}. */
export const FETCHED_SEGMENTS_OPTIONS = Symbol.for('vedette.fetched-segments-options');

export interface FetchedSegmentsOptions {
  readonly mediaDir: string;
  /** `media.fetchTimeout`: one attempt's. */
  readonly timeoutMs: number;
  /** Id of the node whose media folder this machine has, read anew each time; null for none. */
  readonly ownNode: () => Promise<string | null>;
}

/**
 * Segments wherever they are: from this machine's media folder (its own, or another's that is mounted here), else fetched from the
 * node that wrote them. With a fetched segment the one before it is fetched too, unless it is here: the end of its sound is needed, and
 * at times of its pictures,
 * and of what the analyzers listen to nothing is known at this place. As a stream's segments come in order, that is one fetch more
 * when a stream moves to this machine, and none after.
 */
@Injectable()
export class FetchedSegments extends SegmentFiles {
  /** @param addresses absent on a machine that has no database: it fetches only what comes with an address */
  constructor(
    @Inject(FETCHED_SEGMENTS_OPTIONS) private readonly options: FetchedSegmentsOptions,
    private readonly cache: SegmentCache,
    @Optional() @Inject(SEGMENT_URLS) private readonly addresses?: Pick<SegmentAddresses, 'sign' | 'refused'>,
  ) {
    super();
  }

  override async isGone(segment: StoredSegment): Promise<boolean> {
    if (!(await this.isMissing(segment.path))) return false;
    // Asked after the file: a folder that was unmounted has lost its name too, and nothing in it is known to be gone.
    return (await this.options.ownNode()) === segment.nodeId;
  }

  override async obtain(segment: StoredSegment, signal: AbortSignal, isAlone = false): Promise<HeldSegment> {
    const { mediaDir, ownNode } = this.options;
    const { cache } = this;
    if (!(await this.isMissing(segment.path))) return { root: mediaDir, release: () => undefined };
    if ((await ownNode()) === segment.nodeId)
      throw mediaError('VD_MEDIA_SEGMENT_GONE', `${segment.path} is not in the media folder of this machine, which wrote it`);
    const before = isAlone ? Promise.resolve(undefined) : this.holdBefore(segment, signal);
    // Of what is needed only together, nothing is fetched on once a part of it cannot be had.
    const needless = new AbortController();
    const needed = AbortSignal.any([signal, needless.signal]);
    const initialization = this.holdInitialization(segment, needed);
    let held: readonly (HeldSegment | undefined)[];
    try {
      held = await Promise.all([cache.hold(segment.path, needed, (file, called) => this.fetch(segment, file, called)), initialization]);
    } catch (error) {
      needless.abort();
      for (const other of [before, initialization])
        void other.then(
          (one) => one?.release(),
          () => undefined,
        );
      if (error instanceof CodedError) throw error;
      throw mediaError(
        'VD_MEDIA_FETCH_FAILED',
        `${segment.path}: ${signal.aborted ? 'the job was called off before it was here' : errorText(error)}`,
        { cause: error },
      );
    }
    const tail = await before;
    return {
      root: cache.root,
      release: () => {
        for (const one of [...held, tail]) one?.release();
      },
    };
  }

  /** Its size is known to nobody. @throws as {@link fetch} */
  private async holdInitialization(segment: StoredSegment, signal: AbortSignal): Promise<HeldSegment | undefined> {
    const path = initializationPath(segment.path);
    if (path === null) return undefined;
    const { nodeId, urlInitialization: url } = segment;
    return this.cache.hold(path, signal, (file, called) => this.fetch({ path, nodeId, url }, file, called));
  }

  /** Never fails: without it the segment's sound begins anew, as after a gap, and pictures that build on it are lost. */
  private async holdBefore({ path, nodeId, urlBefore }: StoredSegment, signal: AbortSignal): Promise<HeldSegment | undefined> {
    const { cache } = this;
    const before = pathBefore(path);
    if (before === null) return undefined;
    try {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(BEFORE_TIMEOUT_MS)]);
      const load = async (file: string, called: AbortSignal): Promise<number> =>
        fetchSegment(await this.address({ path: before, nodeId, url: urlBefore }), file, { timeoutMs: BEFORE_TIMEOUT_MS, signal: called });
      return await cache.hold(before, limited, load, true);
    } catch {
      return undefined;
    }
  }

  /** @throws VD_MEDIA_SEGMENT_GONE, VD_MEDIA_FETCH_FAILED, VD_MEDIA_NO_URL */
  private async fetch(
    { path, nodeId, url, sizeBytes }: Pick<StoredSegment, 'path' | 'nodeId' | 'url'> & { readonly sizeBytes?: number },
    file: string,
    signal: AbortSignal,
  ): Promise<number> {
    const { timeoutMs } = this.options;
    const startedMs = performance.now();
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await fetchSegment(await this.address({ path, nodeId, url }), file, { sizeBytes, timeoutMs, signal });
      } catch (error) {
        if (!(error instanceof FetchFailure)) throw error;
        const waitMs = RETRY_AFTER_MS[attempt];
        // Two that took all their time are enough: elsewhere it may be quicker.
        const hasTime = performance.now() - startedMs < timeoutMs * 1.5;
        const mayPass = (error.kind === 'passing' && hasTime) || (error.kind === 'refused' && url === undefined && attempt === 0);
        if (signal.aborted || waitMs === undefined || !mayPass) throw error.coded;
        if (error.kind === 'refused') await this.addresses?.refused();
        await delay(waitMs, undefined, { signal });
      }
    }
  }

  private async address({ path, nodeId, url }: { path: string; nodeId: string; url: string | undefined }): Promise<string> {
    const address = url ?? (await this.addresses?.sign({ path, nodeId }));
    if (address === undefined) throw mediaError('VD_MEDIA_NO_URL', `${path} of the node ${nodeId} came without an address`);
    return address;
  }

  private isMissing(path: string): Promise<boolean> {
    return access(join(this.options.mediaDir, ...path.split('/'))).then(
      () => false,
      (error: unknown) => isMissing(error),
    );
  }
}
