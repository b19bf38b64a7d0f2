import { constants, open, unlink } from 'node:fs/promises';
import {
  errorText,
  type CodedError,
  type EpochHandle,
  type SegmentOffer,
  type SourceContext,
  type TakenFile,
  type TakenFiles,
} from 'vedette/plugin';
import type { FolderConfig } from './config.js';
import { folderError } from './errors.js';
import { Trouble } from './folder-trouble.js';
import { MissingNumbers } from './missing-numbers.js';
import { isTaken, type Candidate, type SegmentWindow } from './segment-window.js';
import { StableFiles } from './stable-files.js';
import type { WriterView } from './writer-view.js';
import { isWrittenOnce } from './written-once.js';

/** A segment that its writer names and that cannot be taken for so long is given up. */
const GIVE_UP_MS = 10_000;
const SILENT_SEGMENTS = 3;
const LEAST_STABLE_MS = 1000;
const GROWN_WITHIN_MS = 2000;

export interface FollowerParts {
  readonly config: FolderConfig;
  readonly context: SourceContext;
  readonly taken: TakenFiles;
  readonly view: Pick<WriterView, 'look'>;
}

/** Follows one stream of a writer: takes each segment once, in order, and begins an epoch where they do not continue each other. */
export class FolderFollower {
  private epoch: EpochHandle | undefined;
  private isStopping = false;
  /** The last look left something. */
  private isUrgent = false;
  private readonly missing: MissingNumbers;
  /** Files of the window that were dealt with and not taken. */
  private readonly dismissed = new Set<string>();
  private waiting: { readonly path: string; readonly sinceMs: number } | undefined;
  private newestAtMs = performance.now();
  private longestMs = 0;
  private readonly stable = new StableFiles();
  private readonly trouble: Trouble;

  constructor(private readonly parts: FollowerParts) {
    this.trouble = new Trouble(parts.context, () => this.epoch !== undefined);
    this.missing = new MissingNumbers(parts.taken);
  }

  /**
   * Takes what is new.
   * @throws what keeps core from storing anything
   */
  async look(): Promise<void> {
    let window: SegmentWindow | 'same' | null;
    try {
      window = await this.parts.view.look(this.isUrgent);
    } catch (error) {
      if (!this.trouble.tellOfFolder(error)) throw error;
      return this.endSilent(false);
    }
    this.trouble.mended();
    if (window !== null && window !== 'same') this.isUrgent = !(await this.takeFrom(window));
    await this.endSilent(window !== null && window !== 'same' && window.hasEnd && !this.isUrgent);
  }

  async stop(reason: string): Promise<void> {
    this.isStopping = true;
    await this.end(reason);
  }

  /** @returns false where something is left to be taken */
  private async takeFrom({ candidates, targetMs }: SegmentWindow): Promise<boolean> {
    const { taken } = this.parts;
    this.longestMs = Math.max(this.longestMs, targetMs);
    const there = new Set(candidates.map(idOf));
    for (const id of this.dismissed) if (!there.has(id)) this.dismissed.delete(id);
    const anchor = candidates.findLastIndex((candidate) => isTaken(candidate, taken));
    this.missing.reached(candidates[anchor]?.number);
    for (const candidate of candidates.slice(anchor + 1)) {
      if (this.isStopping) return false;
      if (this.dismissed.has(idOf(candidate))) continue;
      if (isGrown(candidate, taken.last)) {
        this.dismiss(candidate, changed(candidate.name, 'it grew after it was taken'), false);
        continue;
      }
      if (this.missing.beginsAnew(candidate)) await this.end('numbering-restarted');
      if (!(await this.offer(candidate))) return false;
    }
    return true;
  }

  /** @returns false where the next one has to wait */
  private async offer(candidate: Candidate): Promise<boolean> {
    const { facts, isComplete, isDiscontinuity, name, path } = candidate;
    if (facts === null) return this.dismiss(candidate, undefined);
    if (!facts.isFile) return this.dismiss(candidate, folderError('VD_FOLDER_NOT_A_FILE', `${JSON.stringify(name)} is no plain file`));
    if (!isComplete && !this.stable.has(candidate, Math.max(this.longestMs, LEAST_STABLE_MS))) return false;
    if (this.epoch === undefined && !(await mayRead(path)))
      return this.dismiss(candidate, folderError('VD_FOLDER_SEGMENT_DENIED', `${JSON.stringify(name)} may not be read`));
    if (isDiscontinuity) await this.end('discontinuity');
    for (let attempts = 0; attempts < 2 && !this.isStopping; attempts++) {
      const answer = await (this.epoch ?? (await this.open(candidate))).take(this.offerOf(candidate));
      switch (answer.kind) {
        case 'taken':
          return this.took(candidate, answer.unreadable);
        case 'known':
          return true;
        case 'gone':
          return this.dismiss(candidate, undefined);
        case 'refused':
          return this.dismiss(candidate, answer.error);
        case 'unfinished':
          return this.wait(candidate, answer.why);
        case 'elsewhere':
          await this.end(answer.why);
          break;
        case 'ended':
          this.epoch = undefined;
      }
    }
    return false;
  }

  private offerOf(candidate: Candidate): SegmentOffer {
    const { path, name, facts, number, durationUs, initializationPath, isComplete } = candidate;
    const { storage, onFinished } = this.parts.config;
    const isShared = storage === 'auto' ? onFinished === 'delete' || isWrittenOnce(name, facts?.mtimeMs ?? 0) : storage === 'link';
    return {
      ...{ path, isComplete, isWrittenOnce: isShared, missingBefore: this.missing.before(candidate) },
      ...(number !== undefined && { number }),
      ...(durationUs !== undefined && { durationUs }),
      ...(initializationPath !== undefined && { initializationPath }),
    };
  }

  private async open({ facts, durationUs = 0, startsAtMs, initializationPath }: Candidate): Promise<EpochHandle> {
    // Where its writer does not say when it began: it was closed when its file was written last.
    const beganAtMs = startsAtMs ?? (facts?.mtimeMs ?? 0) - durationUs / 1000;
    const epoch = await this.parts.context.openEpoch({
      startedAtMs: Math.max(1, Math.round(beganAtMs)),
      input: { kind: 'segments', container: initializationPath === undefined ? 'mpegts' : 'fmp4' },
    });
    if (this.isStopping) await epoch.end('aborted');
    else this.epoch = epoch;
    return epoch;
  }

  private async took(candidate: Candidate, unreadable: CodedError | undefined): Promise<true> {
    this.missing.taken(candidate);
    this.waiting = undefined;
    this.newestAtMs = performance.now();
    this.longestMs = Math.max(this.longestMs, (candidate.durationUs ?? 0) / 1000);
    if (unreadable === undefined) this.trouble.over();
    else this.trouble.tell(unreadable);
    if (this.parts.config.onFinished === 'delete') await this.delete(candidate);
    return true;
  }

  private async delete({ path }: Candidate): Promise<void> {
    try {
      await unlink(path);
    } catch (error) {
      this.trouble.tell(folderError('VD_FOLDER_NOT_DELETED', errorText(error), { cause: error }));
    }
  }

  /** It will never be taken. @param isMissing and stands in a gap therefore, before the next one */
  private dismiss(candidate: Candidate, error: CodedError | undefined, isMissing = true): true {
    this.dismissed.add(idOf(candidate));
    if (isMissing) this.missing.lost(candidate);
    this.waiting = undefined;
    const { name, number } = candidate;
    this.parts.context.logger.warn('A segment of another program is not taken', { name, number, error });
    if (error !== undefined) this.trouble.tell(error);
    return true;
  }

  private wait(candidate: Candidate, why: string): boolean {
    const nowMs = performance.now();
    if (this.waiting?.path !== candidate.path) this.waiting = { path: candidate.path, sinceMs: nowMs };
    if (!candidate.isComplete || nowMs - this.waiting.sinceMs < GIVE_UP_MS) return false;
    return this.dismiss(candidate, changed(candidate.name, why));
  }

  /** A writer that writes nothing has lost its publisher, or is gone itself. */
  private async endSilent(hasEnd: boolean): Promise<void> {
    const { config, context } = this.parts;
    const silentMs = config.silenceTimeout ?? Math.max(context.silenceTimeoutMs, SILENT_SEGMENTS * this.longestMs);
    if (hasEnd) await this.end('publisher-ended');
    else if (performance.now() - this.newestAtMs >= silentMs) await this.end('publisher-gone');
    this.trouble.waits(config);
  }

  private async end(reason: string): Promise<void> {
    const { epoch } = this;
    this.epoch = undefined;
    await epoch?.end(reason);
  }
}

const changed = (name: string, why: string): CodedError => folderError('VD_FOLDER_SEGMENT_CHANGED', `${JSON.stringify(name)}: ${why}`);

const idOf = ({ number, name, facts }: Candidate): string => `${number} ${facts?.mtimeMs} ${facts?.sizeBytes} ${name}`;

/** The newest file was taken for complete, and was not. A playlist's number comes again when its writer begins anew, but not so soon. */
function isGrown({ name, number, facts }: Candidate, last: TakenFile | undefined): boolean {
  if (facts === null || last?.name !== name || last.number !== number || facts.sizeBytes <= last.sizeBytes) return false;
  return number === undefined || facts.mtimeMs - last.mtimeMs < GROWN_WITHIN_MS;
}

/** Before an epoch is opened for it. */
const mayRead = (path: string): Promise<boolean> =>
  open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).then(
    (file) => file.close().then(() => true),
    (error: NodeJS.ErrnoException) => error.code !== 'EACCES' && error.code !== 'EPERM',
  );
