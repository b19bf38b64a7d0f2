import { z } from 'zod';
import { LEDGER_KEEPER, type KeeperReport } from '../persistence/retention/keepers.js';

/** What a keeper says of itself; another version's words may be older or newer. */
const bytes = z.number().nullable().catch(null);
const scanRound = z.object({ endedMs: z.number().nullable(), files: z.number(), lastLost: z.number().nullable() });

export const mediaReport = z.object({
  nodeId: z.string(),
  nodeName: z.string(),
  level: z.enum(['ok', 'low', 'full']),
  freeBytes: bytes,
  totalBytes: bytes,
  floorBytes: z.number(),
  reserveBytes: z.number(),
  keptBytes: z.number(),
  maxBytes: bytes,
  overBytes: z.number(),
  undeletedFiles: z.number(),
  isForeign: z.boolean(),
  lostSegments: z.number(),
  scan: z.object({ presence: scanRound, contents: scanRound }).nullable().catch(null),
});
export type MediaReport = z.output<typeof mediaReport>;

export const ledgerReport = z.object({
  databaseBytes: z.number(),
  maxBytes: bytes,
  freeBytes: bytes,
  totalBytes: bytes,
  floorBytes: z.number(),
  days: z.number(),
  oldestDay: z.string().nullable(),
  overBytes: z.number(),
});
export type LedgerReport = z.output<typeof ledgerReport>;

/** A report that is older says nothing of now. */
const FRESH_MS = 5 * 60_000;

export interface Reports {
  readonly media: readonly MediaReport[];
  readonly ledger: LedgerReport | null;
}

export function readReports(reports: readonly KeeperReport[], nowMs: number): Reports {
  const fresh = reports.filter(({ reportedAtMs }) => nowMs - reportedAtMs < FRESH_MS);
  return {
    media: fresh.filter(({ id }) => id !== LEDGER_KEEPER).flatMap(({ report }) => mediaReport.safeParse(report).data ?? []),
    ledger: ledgerReport.safeParse(fresh.find(({ id }) => id === LEDGER_KEEPER)?.report).data ?? null,
  };
}

/** What is wrong, for a person, with how to mend it. */
export function retentionProblems({ media, ledger }: Reports): string[] {
  return [
    ...media.flatMap((node) => [
      ...(node.level === 'full'
        ? [
            `Nothing is recorded on ${node.nodeName}: its media disk has ${size(node.freeBytes)} left. Make room, release holds or ` +
              'shorten retention; recording starts again by itself.',
          ]
        : []),
      ...(node.level === 'low' && node.overBytes > 0
        ? [
            `The media disk of ${node.nodeName} has ${size(node.freeBytes)} left, and nothing more may be deleted: the rest is held, too ` +
              'new or not ours. Make room before recording stops.',
          ]
        : []),
      ...(node.undeletedFiles > 0
        ? [`${node.undeletedFiles} files on ${node.nodeName} cannot be deleted: check the rights and the health of its media disk.`]
        : []),
      ...(node.isForeign ? [`The media folder of ${node.nodeName} is not the one it recorded into: check that its disk is mounted.`] : []),
      ...(node.lostSegments > 0
        ? [`${node.lostSegments} recorded segments on ${node.nodeName} are lost: their files were deleted or changed. They are gaps now.`]
        : []),
    ]),
    ...(ledger !== null && ledger.overBytes > 0
      ? [
          `The database has ${size(ledger.overBytes)} more than it should, and nothing more may be deleted: release holds, shorten ` +
            'retention.results or make room.',
        ]
      : []),
  ];
}

const size = (bytes: number | null): string => (bytes === null ? 'an unknown amount' : `${Math.ceil(bytes / 1024 ** 2)} MiB`);
