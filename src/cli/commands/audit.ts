import { Command } from 'commander';
import { InvalidInput, issuesOf } from '../../core/api/http/validation.pipe.js';
import { loadConfig } from '../../core/config/load-config.js';
import type { AuditLog } from '../../core/persistence/access/audit-log.js';
import { auditQuery, type AuditEntryWire } from '../../core/wire/audit.wire.js';
import { textTable } from '../capacity/text-table.js';
import { withStores } from '../database-access.js';
import { databaseUrlOf } from '../database-address.js';

interface AuditOptions {
  readonly action?: string;
  readonly target?: string;
  readonly address?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit?: string;
  readonly json?: boolean;
}

/** Opens what the answer stands on for the length of `work`. */
type WithAudit = (work: (audit: AuditLog) => Promise<void>) => Promise<void>;

/** The same answer as GET /api/audit, newest first. */
export function auditCommand(withAudit: WithAudit = ofThisMachine): Command {
  return new Command('audit')
    .description('Print who changed what, and who was refused, newest first')
    .option('--action <name>', 'only this action, such as stream.create, session.open, auth.refused or publish.refused')
    .option('--target <id>', 'only entries on this stream, token, brand or rule')
    .option('--address <ip>', 'only entries from this address')
    .option('--from <time>', 'only entries from this time on; ISO 8601 with time zone')
    .option('--to <time>', 'only entries before this time; ISO 8601 with time zone')
    .option('--limit <n>', 'maximum number of entries, 1 to 1000 (default: 100)')
    .option('--json', 'print the answer of GET /api/audit')
    .addHelpText('after', '\nExamples:\n  vedette audit\n  vedette audit --action auth.refused --from 2026-01-01T00:00:00Z')
    .action(async ({ json, ...options }: AuditOptions) => {
      const { order: _, ...filter } = checked(options);
      await withAudit(async (audit) => {
        const found = await audit.list({ ...filter, ascending: false });
        print(json === true ? JSON.stringify(found, null, 2) : tableOf(found.items));
      });
    });
}

/** @throws VD_API_INVALID option by option */
function checked(options: Omit<AuditOptions, 'json'>) {
  const result = auditQuery.safeParse(options);
  if (!result.success) throw new InvalidInput(issuesOf(result.error.issues).map(({ path, message }) => ({ path: `--${path}`, message })));
  return result.data;
}

function tableOf(entries: readonly AuditEntryWire[]): string {
  const titles = ['when', 'who', 'from', 'did', 'to', 'detail'];
  const rows = entries.map(({ at, actor, address, action, target, detail }) => {
    const said = Object.keys(detail).length === 0 ? '' : JSON.stringify(detail);
    return [at, actor, address ?? '', action, target ?? '', said];
  });
  return textTable(
    titles.map((title) => ({ title })),
    rows,
  ).join('\n');
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);

const ofThisMachine: WithAudit = async (work) => {
  const loaded = loadConfig();
  await withStores(loaded, databaseUrlOf(loaded), ({ audit }) => work(audit));
};
