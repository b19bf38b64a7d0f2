import type { CameraProblem } from './camera-problem';

/**
 * - `asking`: the browser asks the person for the camera
 * - `connecting`: the camera is there, Vedette has not answered yet
 * - `live`: what the camera records is sent
 * - `waiting`: the connection is lost, and tried again by itself
 * - `ending`: the last of it is on its way
 * - `ended`, `failed`: over; `problem` says why it failed
 */
export type CameraState = 'idle' | 'asking' | 'connecting' | 'live' | 'waiting' | 'ending' | 'ended' | 'failed';

/** How a camera goes. */
export interface CameraStatus {
  readonly state: CameraState;
  /** What it records; null before it is chosen. */
  readonly mimeType: string | null;
  /** Of the recording that is under way. */
  readonly epochId: string | null;
  /** Recordings that were begun: each reconnect begins another one. */
  readonly recordings: number;
  /** Given to the connection, in all. */
  readonly sentBytes: number;
  /** Of the recording that is under way: what Vedette has said that it got. */
  readonly receivedBytes: number;
  /** Recorded and never sent, since the connection was too slow or lost. */
  readonly droppedBytes: number;
  readonly problem: CameraProblem | null;
}

export const IDLE: CameraStatus = {
  state: 'idle',
  mimeType: null,
  epochId: null,
  recordings: 0,
  sentBytes: 0,
  receivedBytes: 0,
  droppedBytes: 0,
  problem: null,
};
