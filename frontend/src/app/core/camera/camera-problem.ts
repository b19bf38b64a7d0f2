/** Why there is no camera, for a person: what happened, and what to do about it. */
export interface CameraProblem {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
  /** Whether the same may work later without anybody doing something. */
  readonly retryable: boolean;
}

const problem = (code: string, message: string, fix: string): CameraProblem => ({ code, message, fix, retryable: false });

/** Browsers hide cameras from pages that somebody on the way could have changed. */
export const INSECURE_PAGE = problem(
  'CAMERA_INSECURE_PAGE',
  'The browser gives cameras to pages of HTTPS only',
  'Open Vedette by an address that begins with https://, or on this very machine by http://localhost.',
);
export const NO_TYPE = problem(
  'CAMERA_NO_TYPE',
  'This browser records nothing that Vedette takes',
  'Update the browser, or use a current Chrome, Edge, Firefox or Safari.',
);
export const CAMERA_GONE = problem(
  'CAMERA_GONE',
  'The camera or the microphone has stopped',
  'Check that it is plugged in, and that the page may still use it; then start again.',
);
export const CONNECTION_LOST: CameraProblem = {
  ...problem('CAMERA_CONNECTION_LOST', 'The connection to Vedette was lost', 'Check the network. It is tried again by itself.'),
  retryable: true,
};

const BY_NAME: Readonly<Record<string, CameraProblem>> = {
  NotAllowedError: problem(
    'CAMERA_DENIED',
    'The page may not use the camera',
    'Allow it in the browser (beside the address), and in the settings of the system.',
  ),
  NotFoundError: problem('CAMERA_NOT_FOUND', 'There is no camera, or no microphone', 'Plug one in, or go on without sound.'),
  NotReadableError: problem('CAMERA_IN_USE', 'The camera cannot be opened', 'End other programs that use it, then start again.'),
  OverconstrainedError: problem(
    'CAMERA_MODE',
    'No camera gives what was asked for',
    'Ask for another size or frame rate, or another camera.',
  ),
};

/** What `getUserMedia` failed for. */
export function problemOf(error: unknown): CameraProblem {
  const name = error instanceof Error || error instanceof DOMException ? error.name : '';
  return BY_NAME[name] ?? problem('CAMERA_FAILED', `The camera cannot be opened: ${String(error)}`, 'Reload the page, then start again.');
}
