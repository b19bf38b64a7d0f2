import { computed, signal } from '@angular/core';
import type { HealthWire, ServerMessage, StatusCauseWire, StatusWire } from '../api/models';
import type { LiveFeed } from './live-feed';

/** `lost`: what the page shows is old. */
export type Contact = 'connecting' | 'fine' | 'lost';
/** `unknown` is not good: nobody knows yet. */
export type Level = StatusWire['level'] | 'unknown';

/** What keeps the page itself from knowing. */
export type PageCause = 'connecting' | 'no-answer' | 'no-feed';

/** One sentence's worth: what the server says, or why it cannot be heard. */
export type Told =
  | { readonly by: 'server'; readonly level: StatusWire['level']; readonly causes: readonly StatusCauseWire[] }
  /** The socket is away, and `/api/health`, which needs no sign-in, says why. */
  | { readonly by: 'health'; readonly level: 'bad'; readonly issues: HealthWire['issues']; readonly sinceMs: number | null }
  | { readonly by: 'page'; readonly level: 'bad' | 'unknown'; readonly cause: PageCause; readonly sinceMs: number | null };

/** How the installation is, as far as this page can know: by the socket, and while that is away by what still answers. */
export class StatusState {
  private readonly told = signal<StatusWire | null>(null);
  private readonly health = signal<HealthWire | null>(null);

  constructor(private readonly feed: Pick<LiveFeed, 'state' | 'lostSinceMs'>) {}

  readonly contact = computed<Contact>(() => {
    if (this.feed.lostSinceMs() !== null || this.feed.state() === 'waiting') return 'lost';
    return this.feed.state() === 'open' ? 'fine' : 'connecting';
  });

  readonly now = computed<Told>(() => {
    const [contact, told, health] = [this.contact(), this.told(), this.health()];
    if (contact === 'fine' && told !== null) return { by: 'server', level: told.level, causes: told.causes };
    if (contact !== 'lost') return { by: 'page', level: 'unknown', cause: 'connecting', sinceMs: null };
    const sinceMs = this.feed.lostSinceMs();
    if (health === null) return { by: 'page', level: 'bad', cause: 'no-answer', sinceMs };
    if (health.issues.length > 0) return { by: 'health', level: 'bad', issues: health.issues, sinceMs };
    return { by: 'page', level: 'bad', cause: 'no-feed', sinceMs };
  });

  /** Whether what is shown is of now: the server is heard, and it hears its database. */
  readonly isCurrent = computed(() => {
    const now = this.now();
    return now.by === 'page' ? now.cause === 'connecting' : now.by === 'server' && now.causes[0]?.code !== 'database-unreachable';
  });

  apply(message: ServerMessage): void {
    if (message.type !== 'status') return;
    const { level, text, causes } = message;
    this.told.set({ level, text, causes });
  }

  /** What answers while the socket is away. @param ask rejects where nothing does */
  async askAround(ask: () => Promise<HealthWire>): Promise<void> {
    try {
      this.health.set(await ask());
    } catch {
      this.health.set(null);
    }
  }

  clear(): void {
    this.told.set(null);
    this.health.set(null);
  }
}
