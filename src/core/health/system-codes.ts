/** Something that keeps media from being taken in, stored and analysed, or is about to. The reference page is made of this table. */
export interface SystemCodeSpec {
  readonly title: string;
  readonly cause: string;
  /** What to do, as the end of a sentence that began with the title. */
  readonly fix: string;
}

/** Why `GET /api/health` answers 503. Everybody may ask, so that no text names a machine or a folder. */
export const systemCodes = {
  'database-unreachable': {
    title: 'The database cannot be reached',
    cause: 'No connection could be made, or none answered in time.',
    fix: 'look whether PostgreSQL runs and whether the network and `database.url` lead to it',
  },
  'database-unwritable': {
    title: 'The database takes nothing',
    cause: 'A small transaction that writes and is flushed was refused or not answered within 4 s: its disk is full, or it is read-only.',
    fix: 'make room on its disk, or let it be written to again; `problems` of the system say what PostgreSQL said',
  },
  'database-disk-low': {
    title: "The database's disk is nearly full",
    cause:
      'Less than 256 MiB are left on the disk of the embedded database. Of a database elsewhere the room is not known: watch it where it ' +
      'runs.',
    fix: 'make room on the disk of the data folder before the database stops taking results',
  },
  'media-unwritable': {
    title: 'A media folder takes nothing',
    cause: 'An ingest node could not write a small file, or has less than 8 MiB left: the disk is full, read-only, gone or silent.',
    fix: 'make room on the disk of that media folder, or let it be written to again; `problems` of the system say which and why',
  },
  'media-disk-low': {
    title: "A media folder's disk is nearly full",
    cause: 'Less than 100 MiB are left on the disk of an ingest node: two minutes of one stream of 6 Mbit/s.',
    fix: 'make room on that disk before segments are lost',
  },
  'no-ingest': {
    title: 'No ingest is running',
    cause: 'No process of that role has been heard of within 20 s: nothing is taken in.',
    fix: "start `vedette ingest`, or look into the supervisor's log why it ended",
  },
  'no-worker': {
    title: 'No worker is running',
    cause: 'No process of that role has been heard of within 20 s: nothing is analysed.',
    fix: "start `vedette worker`, or look into the supervisor's log why it ended",
  },
} as const satisfies Record<string, SystemCodeSpec>;

export type SystemHealthCode = keyof typeof systemCodes;
export const SYSTEM_HEALTH_CODES = Object.keys(systemCodes) as [SystemHealthCode, ...SystemHealthCode[]];
