import { ChannelListener } from '../read/channel-listener.js';

/** NOTIFY channel; the payload is the kind whose references changed. */
export const REFERENCES_CHANNEL = 'vedette_references';

/** The kind of reference that brands are. */
export const LOGO = 'logo';

/** Puts a change on record and tells every process, both at commit: run first in the transaction, it also makes changes wait for each other. */
export const BUMP_REVISION = `
WITH bumped AS (
  INSERT INTO reference_revisions (kind, revision) VALUES ($1, 1)
  ON CONFLICT (kind) DO UPDATE SET revision = reference_revisions.revision + 1 RETURNING kind, revision
)
SELECT revision, pg_notify('${REFERENCES_CHANNEL}', kind) FROM bumped`;

/** Listens for changes of references by any process. Opens its connection with the first question. */
export class ReferenceChanges {
  private channel: ChannelListener | undefined;
  private hears = false;

  constructor(
    private readonly databaseUrl: string,
    /** Without a kind: anything may have changed. */
    private readonly onChange: (kind?: string) => void,
  ) {}

  /** Whether changes are heard now; until they are, nothing read before may be believed. */
  get areHeard(): boolean {
    return this.hears;
  }

  open(): void {
    if (this.channel !== undefined) return;
    this.channel = new ChannelListener({
      databaseUrl: this.databaseUrl,
      channel: REFERENCES_CHANNEL,
      onRing: (kind) => {
        this.hears = true;
        this.onChange(kind);
      },
      onLost: () => {
        this.hears = false;
        this.onChange();
      },
    });
    void this.channel.start();
  }

  async close(): Promise<void> {
    await this.channel?.stop();
  }
}
