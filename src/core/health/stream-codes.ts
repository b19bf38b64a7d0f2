import type { Severity } from './severity.js';

/** One thing that can be wrong with a stream. The reference page is made of this table. */
export interface HealthCodeSpec {
  readonly title: string;
  readonly severities: readonly Severity[];
  /** What is looked at, with its limits, and what usually makes it. */
  readonly cause: string;
  /** What to do, as the end of a sentence that began with the reason. */
  readonly fix: string;
}

/** The gravest first: of two issues of one severity the one that stands higher is told first. */
export const streamCodes = {
  'source-failed': {
    title: 'The source failed',
    severities: ['error'],
    cause: "The stream's source cannot be started, and trying again would not help: its settings are refused, or its adapter is not there.",
    fix: "correct the stream's settings; its state says what was refused",
  },
  'ingest-silent': {
    title: 'Its ingest node is silent',
    severities: ['error'],
    cause: 'The machine that has the stream has let its lease lapse: it, or its ingest process, has ended or cannot reach the database.',
    fix: 'look whether that machine and its ingest process run and reach the database',
  },
  'source-retrying': {
    title: 'The source does not answer',
    severities: ['warning'],
    cause: 'The source ended or could not be opened; it is tried again with growing pauses.',
    fix: 'look at the camera or sender, its address and the network; nothing else needs to be done once it is back',
  },
  'recording-interrupted': {
    title: 'Recording is interrupted',
    severities: ['error'],
    cause:
      'The media folder takes nothing at the moment: its disk is full, read-only or does not answer. What comes meanwhile is ' +
      'counted in a gap.',
    fix: 'make room on the disk of the media folder, or look why it takes nothing; recording goes on by itself',
  },
  'segment-unreadable': {
    title: 'A segment cannot be read',
    severities: ['warning', 'error'],
    cause:
      'A finished file is empty, is no media or is cut off: an error while it is the newest, a warning while it is one of the newest 32.',
    fix: "look at the disk of the media folder, and at the ingest node's log for the reason",
  },
  'no-picture': {
    title: 'No picture though sound goes on',
    severities: ['error'],
    cause: 'Nothing came of the picture for longer than `packaging.silenceTimeout` and than twice its usual pause, while sound came.',
    fix: "look at the camera, its cable and the encoder's picture source",
  },
  'no-keyframe': {
    title: 'No keyframe',
    severities: ['error'],
    cause: 'Pictures come, but for 9 s, for three segments and for one and a half usual intervals none that a segment could begin with.',
    fix: "set the encoder's keyframe interval to 2 s",
  },
  'segment-overdue': {
    title: 'No segment for long',
    severities: ['warning', 'error'],
    cause:
      'The epoch is open and its newest segment was registered more than 10 s and three segments ago; an error at three times that. ' +
      'The encoder sends nothing, the packager hangs, or the ingest node cannot write.',
    fix: 'look whether the encoder still sends, and whether the media folder and the database can be written to',
  },
  'intra-refresh': {
    title: 'No keyframes at all (intra refresh)',
    severities: ['warning'],
    cause: 'Pictures come without any that is whole by itself. Players cannot begin, and what follows a gap is lost.',
    fix: 'switch intra refresh off in the encoder and set a keyframe interval of 2 s',
  },
  'keyframe-interval-long': {
    title: 'Keyframes come seldom',
    severities: ['warning', 'error'],
    cause:
      'More than 4 s lie between keyframes on average; an error from 10 s. Segments are as long, so that players and ' +
      'results come as late. ' +
      'Encoders left alone take 250 frames, which is 8.3 s at 30 fps.',
    fix: "set 2 s in OBS, Settings, Output, or in the camera's settings",
  },
  'keyframes-irregular': {
    title: 'Keyframes come irregularly',
    severities: ['info'],
    cause: 'The longest interval between keyframes exceeds the shortest by more than 1 s and half the average: scene cuts bring their own.',
    fix: 'set a fixed keyframe interval, and scene-cut detection off, where segments of even length matter',
  },
  'frame-rate-low': {
    title: 'Fewer frames than declared',
    severities: ['warning', 'error'],
    cause:
      'Less than 80 % of the frame rate that the encoder declares comes; an error below half. It is overloaded, or ' +
      'frames are lost on the way.',
    fix: 'take load off the encoder (a faster preset, a smaller picture), and look at its count of dropped frames',
  },
  'bitrate-high': {
    title: 'Very high bitrate',
    severities: ['warning'],
    cause: 'More than 50 Mbit/s: 22 GB an hour on the disk, and more than most viewers can receive.',
    fix: "lower the encoder's bitrate; 6 Mbit/s is plenty for 1080p",
  },
  'bitrate-low': {
    title: 'Very low bitrate',
    severities: ['info'],
    cause: 'Fewer than 0.01 bits for each pixel of each picture. A still scene takes no more; of a lively one little detail is left.',
    fix: "raise the encoder's bitrate if the picture looks blurred",
  },
  'sound-gone': {
    title: 'Sound has stopped',
    severities: ['warning'],
    cause: 'There was sound in this epoch, and there is none in its newest segments.',
    fix: "look at the encoder's sound source",
  },
  'profile-unplayable': {
    title: 'Browsers do not play this profile',
    severities: ['warning'],
    cause: 'H.264 with 4:2:2 or 4:4:4 colour, or with more than 8 bits: it is stored and analysed, but no browser shows it.',
    fix: 'set 4:2:0 and 8 bits with profile High or lower (OBS: Settings, Advanced, Color Format NV12)',
  },
  'codec-unplayable': {
    title: 'Many browsers do not play this codec',
    severities: ['warning'],
    cause: 'HEVC: stored and analysed, but shown only by browsers on machines with a decoder of their own for it.',
    fix: 'set H.264 in the encoder where the picture is to be watched in browsers',
  },
  gaps: {
    title: 'Media is missing',
    severities: ['warning', 'error'],
    cause: 'Gaps were recorded within the last 10 minutes; an error from five on.',
    fix: 'look at the network between encoder and Vedette, and at the load of both; every gap has its reason in the ledger',
  },
  reconnecting: {
    title: 'The source keeps reconnecting',
    severities: ['warning', 'error'],
    cause: 'Three epochs or more within the last hour began less than 5 minutes after the one before had ended; an error from 12 on.',
    fix: 'look at the network between encoder and Vedette, and lower the bitrate if there is too little room in it',
  },
  drift: {
    title: 'Media time drifts',
    severities: ['warning', 'error'],
    cause:
      'Since the epoch began its media clock and the wall clock have come apart by more than 2 s; an error from 10 ' +
      "s. The encoder's clock is " +
      'wrong, it cannot keep up, or its timestamps jumped.',
    fix: "look at the encoder's load and clock; a reconnect starts afresh",
  },
  jitter: {
    title: 'Segments come unevenly',
    severities: ['warning', 'error'],
    cause: 'One segment in ten comes more than 2 s later, by its own clock, than the promptest; an error from 10 s.',
    fix: 'look at the network between encoder and Vedette, and at the load of the ingest node and its disk',
  },
  'runs-failed': {
    title: 'Analysis fails',
    severities: ['warning', 'error'],
    cause: 'Runs that ended within the last 2 minutes failed; an error from half of them on.',
    fix: 'look up the code in the error reference',
  },
  'runs-skipped': {
    title: 'Segments are not analysed',
    severities: ['warning', 'error'],
    cause:
      'Of the runs that ended within the last 2 minutes one in twenty or more was skipped though there was something ' +
      'to do; an error from ' +
      'half of them on.',
    fix: 'ask `vedette capacity` for what would fit when the reason is overload',
  },
  'analysis-lag': {
    title: 'Analysis lags behind',
    severities: ['warning', 'error'],
    cause: 'The oldest segment that waits to be analysed has waited for more than 30 s; an error from 2 minutes.',
    fix: 'look whether a worker runs, and ask `vedette capacity` for the cheapest change that fits',
  },
} as const satisfies Record<string, HealthCodeSpec>;

export type StreamHealthCode = keyof typeof streamCodes;
