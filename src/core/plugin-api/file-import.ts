import type { EncodedFrame, FrameLoss, PushedAudioTrack, PushedVideoTrack } from './encoded-frame.js';
import type { PtsUs } from './time.js';

/** A media file that is open, read by a process of its own as fast as its frames are taken. */
export interface OpenFile {
  readonly video: PushedVideoTrack;
  readonly audio?: PushedAudioTrack;
  /** Where its media begins, about. */
  readonly startUs: PtsUs;
  /** As the file says; null where it says nothing that can be believed. */
  readonly durationUs: number | null;
  /** What was done to the pictures, for people; undefined: nothing. */
  readonly changed?: string;
  /**
   * The frames that are shown at or after a time of the media, in the order that they are decoded in; once. The same file gives the same
   * frames each time.
   * @returns what could not be read
   * @throws VD_IMPORT_READER_FAILED
   */
  frames(fromUs?: PtsUs): AsyncGenerator<EncodedFrame, FileEnding, void>;
  /** Ends the process; what is read of {@link frames} then throws. Idempotent. */
  close(): void;
}

/** How a file ended. */
export interface FileEnding {
  /** Of frames that are in the file and could not be read. */
  readonly loss?: FrameLoss;
  /** Why it is not all that the file says it is, for people. */
  readonly detail?: string;
}

/** A file that somebody brings into a stream, as the source that does it sees it. */
export interface FileImport {
  readonly importId: string;
  /** As whoever brought it calls it. */
  readonly name: string;
  /** The epoch that it was in before it was interrupted; undefined: it begins. */
  readonly epochId: string | undefined;
  /** @throws VD_IMPORT_FILE_GONE, and what is wrong with the file: VD_IMPORT_NOT_MEDIA, VD_IMPORT_UNREADABLE … */
  open(): Promise<OpenFile>;
  /**
   * The wall clock of the file's first media: as it was asked for, else as the file says, else so that the recording ends now. Once it was
   * settled it stays.
   * @throws VD_IMPORT_OVERLAPS, VD_IMPORT_TOO_OLD
   */
  startedAtMs(file: OpenFile): Promise<number>;
  /** Its media is in that epoch. */
  begun(epochId: string): Promise<void>;
  /**
   * So far it has come.
   * @returns false when somebody has paused or cancelled it
   */
  reached(mediaUs: number): Promise<boolean>;
  /** Whether somebody paused it, and it goes on some time. */
  isPaused(): Promise<boolean>;
  done(detail?: string): Promise<void>;
  failed(error: unknown): Promise<void>;
}

/** Core's list of what is to be imported; from core's public providers under {@link IMPORT_DESK}. */
export interface ImportDesk {
  /** The next import of a stream; waits until there is one, or the signal. One that was interrupted comes first. */
  next(streamId: string, signal: AbortSignal): Promise<FileImport | undefined>;
}

export const IMPORT_DESK = Symbol.for('vedette.import-desk');
