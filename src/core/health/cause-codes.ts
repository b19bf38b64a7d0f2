/** One thing that can keep the installation from being well. The reference page is made of this table. */
export interface CauseCodeSpec {
  readonly title: string;
  readonly cause: string;
  /** What to do, as the end of a sentence that began with what is wrong. */
  readonly fix: string;
}

/** The gravest first: of two causes of one level the one that stands higher is told first. */
export const causeCodes = {
  'database-unreachable': {
    title: 'The database does not answer',
    cause: 'No answer came to the API within 4 s: PostgreSQL has stopped, hangs, or cannot be reached.',
    fix: 'look whether PostgreSQL runs and whether the network and `database.url` lead to it',
  },
  'database-unwritable': {
    title: 'The database takes nothing',
    cause: 'It answers, but a small transaction that writes and is flushed was refused: its disk is full, or it is read-only.',
    fix: 'make room on its disk, or let it be written to again',
  },
  'media-unwritable': {
    title: 'Nothing can be recorded',
    cause: 'A media folder takes nothing: its disk is full, read-only, gone or does not answer.',
    fix: 'make room on that disk, or let it be written to again; recording goes on by itself',
  },
  'no-ingest': {
    title: 'No ingest process runs',
    cause: 'Nothing was heard of one within 20 s: no video is taken in.',
    fix: "start `vedette ingest`, or look into the supervisor's log why it ended",
  },
  'no-worker': {
    title: 'No worker runs',
    cause: 'Nothing was heard of one within 20 s: nothing is analysed.',
    fix: "start `vedette worker`, or look into the supervisor's log why it ended",
  },
  'listener-down': {
    title: 'A listener does not run',
    cause: 'A port that publishers connect to could not be opened, or was lost; it is tried again.',
    fix: 'look whether another program has the port, and into the log of the ingest process',
  },
  'stream-trouble': {
    title: 'Something is wrong with a stream',
    cause: 'The gravest issue of a stream, of those that are listed above.',
    fix: "do what the issue's own fix says",
  },
  'analysis-failing': {
    title: 'Analysis fails',
    cause: 'Runs of an analyzer that ended within the last 2 minutes failed; bad from half of them on.',
    fix: "look up the code in the error reference, mend it, and try again on the stream's page",
  },
  'analysis-behind': {
    title: 'Analysis is behind',
    cause: 'The oldest segment that waits to be analysed has waited for more than 30 s; bad from 2 minutes.',
    fix: 'look whether a worker runs, and take the cheapest change that fits from the Work page',
  },
  'analysis-skipping': {
    title: 'Segments are not analysed',
    cause: 'Of the runs that ended within the last 2 minutes one in twenty or more was skipped though there was something to do.',
    fix: 'take the cheapest change that fits from the Work page',
  },
  'streams-unknown': {
    title: 'How the streams are is not known',
    cause: 'The ledger could not be asked how streams are, though the database answers.',
    fix: "look into the API's log",
  },
  'process-died': {
    title: 'A process ended without being asked to',
    cause: 'It fell silent without having said that it stops. Told until an admin says that it was seen.',
    fix: 'look into its log, then say that it was seen',
  },
  'database-disk-low': {
    title: "The database's disk is nearly full",
    cause: 'Less than 256 MiB are left on the disk of the embedded database.',
    fix: 'make room on the disk of the data folder before the database stops taking results',
  },
  'media-disk-low': {
    title: "A media folder's disk is nearly full",
    cause: 'Less than 100 MiB are left on it.',
    fix: 'make room on that disk before segments are lost',
  },
  storage: {
    title: 'Retention cannot do its work',
    cause: 'Files cannot be deleted, are lost or are not ours, or more is kept than should be.',
    fix: 'see the storage of the installation',
  },
  'plugin-failed': {
    title: 'A plugin failed',
    cause: 'An optional plugin could not be loaded; the rest goes on without it.',
    fix: 'look at its error on the Plugins page',
  },
  'provider-unusable': {
    title: 'Models cannot run where they should',
    cause: 'A worker has been told to use an execution provider that its machine does not offer.',
    fix: 'install what the provider needs, or take it out of `inference.providers`',
  },
  'settings-unmatched': {
    title: 'A setting fits nothing',
    cause: 'The config names a stream or a queue that does not exist.',
    fix: 'correct the name in the config',
  },
} as const satisfies Record<string, CauseCodeSpec>;

export type CauseCode = keyof typeof causeCodes;
export const CAUSE_CODES = Object.keys(causeCodes) as [CauseCode, ...CauseCode[]];
