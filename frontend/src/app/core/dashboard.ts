import { computed, signal } from '@angular/core';
import type { ApiClient } from '../api/api-client';
import { ApiError } from '../api/problem';
import type { ServerMessage } from '../api/models';
import type { LiveFeed } from './live-feed';
import type { Notices } from './notices';
import type { PageClock } from './page-clock';
import type { PlayerClock } from './player-clock';
import type { SessionState } from './session-state';
import { HealthState } from './health-state';
import { StatusState } from './status-state';
import { StreamView } from './stream-view';
import { StreamsState } from './streams-state';
import { WorkState } from './work-state';

export interface DashboardDeps extends PageClock {
  readonly api: ApiClient;
  readonly feed: LiveFeed;
  readonly notices: Notices;
  readonly session: SessionState;
  readonly clock: PlayerClock;
}

const SYSTEM_EVERY_MS = 10_000;
/** Without a socket the page still shows the past of a stream, and polls what it would be told. */
const WITHOUT_FEED_MS = 1_500;
/** While the socket is away it is asked what still answers. */
const LOST_MS = 2_000;

/** Joins REST and feed to the states the panels read, while somebody is signed in. */
export class Dashboard {
  readonly streams = new StreamsState();
  readonly health = new HealthState();
  readonly work = new WorkState();
  readonly status: StatusState;
  readonly view = signal<StreamView | null>(null);
  readonly selectedName = signal<string | null>(null);
  readonly selected = computed(() => this.streams.byName(this.selectedName()));
  /** Wall clock of the server, once a second. */
  readonly nowMs: ReturnType<typeof signal<number>>;

  private stops: (() => void)[] = [];
  /** Topics that pages ask for besides, as often as they are asked for. */
  private followed: readonly string[] = [];
  private viewLoaded = false;
  private loadingLists = false;

  constructor(private readonly deps: DashboardDeps) {
    this.nowMs = signal(deps.now());
    this.status = new StatusState(deps.feed);
  }

  get running(): boolean {
    return this.stops.length > 0;
  }

  start(): void {
    if (this.running) return;
    const { feed, session } = this.deps;
    feed.onRefused = () => void session.check().catch(() => undefined);
    this.stops = [
      feed.listen((message) => this.hear(message)),
      this.deps.every(1_000, () => this.nowMs.set(this.serverNow())),
      this.deps.every(SYSTEM_EVERY_MS, () => void this.loadSystem()),
      this.deps.every(LOST_MS, () => void this.askAround()),
      this.deps.every(WITHOUT_FEED_MS, () => {
        if (feed.state() !== 'open' && !this.viewLoaded) this.loadView();
      }),
    ];
    feed.setTopics(this.topics());
    feed.start();
    void this.loadLists();
    void this.loadSystem();
  }

  stop(): void {
    for (const stop of this.stops) stop();
    this.stops = [];
    this.deps.feed.stop();
    this.show(null);
    this.selectedName.set(null);
    this.streams.clear();
    this.health.clear();
    this.work.clear();
    this.status.clear();
  }

  /** Puts a stream on show by name; a name nobody has shows nothing until a stream gets it. */
  select(name: string | null): void {
    this.selectedName.set(name);
    this.showSelected();
  }

  /** Hears of a topic more for as long as a page needs it. @returns what ends that */
  follow(topic: string): () => void {
    this.setFollowed([...this.followed, topic]);
    return () => {
      const at = this.followed.indexOf(topic);
      if (at >= 0) this.setFollowed(this.followed.toSpliced(at, 1));
    };
  }

  private setFollowed(topics: readonly string[]): void {
    this.followed = topics;
    if (this.running) this.deps.feed.setTopics(this.topics());
  }

  serverNow(): number {
    return this.deps.now() + this.deps.feed.clockSkewMs();
  }

  /** How the installation is, by what it says now. */
  async loadSystem(): Promise<void> {
    try {
      const system = await this.deps.api.system();
      if (!this.running) return;
      this.work.system.set(system);
      this.work.systemStale.set(false);
    } catch {
      // Shown beside the connection indicator, not as a notice every few seconds; the next round tries again.
      this.work.systemStale.set(true);
    }
  }

  private async askAround(): Promise<void> {
    // A page that was opened while nothing answered.
    if (!this.streams.loaded()) void this.loadLists();
    if (this.status.contact() === 'lost') await this.status.askAround(() => this.deps.api.health());
  }

  private hear(message: ServerMessage): void {
    this.streams.apply(message);
    this.work.apply(message);
    this.health.apply(message);
    this.status.apply(message);
    this.view()?.apply(message);
    switch (message.type) {
      case 'stream.changed':
      case 'stream.removed':
        this.showSelected();
        break;
      case 'epoch.closed':
        if (message.epoch.streamId === this.view()?.streamId) void this.view()?.load();
        break;
      case 'subscribed':
        // Only now is nothing lost between the fetch and the first message.
        if (!this.viewLoaded && this.view() !== null && message.topics.includes(`stream:${this.view()!.streamId}`)) this.loadView();
        break;
      case 'reset':
        void this.loadLists();
        this.loadView();
        break;
      case 'error':
        this.deps.notices.problem(
          new ApiError({
            type: 'about:blank',
            status: 0,
            title: 'The live connection reports a problem',
            detail: message.message,
            code: message.code,
            fix: message.fix,
          }),
        );
        break;
    }
  }

  private showSelected(): void {
    const id = this.selected()?.id ?? null;
    if (id !== (this.view()?.streamId ?? null)) this.show(id);
  }

  private show(streamId: string | null): void {
    this.view()?.close();
    this.deps.clock.leave();
    this.viewLoaded = false;
    this.view.set(
      streamId === null
        ? null
        : new StreamView(
            streamId,
            this.deps.api,
            () => this.serverNow(),
            (error) => this.deps.notices.problem(error),
          ),
    );
    if (this.running) this.deps.feed.setTopics(this.topics());
  }

  private loadView(): void {
    const view = this.view();
    if (view === null) return;
    this.viewLoaded = true;
    void view.load();
  }

  private topics(): string[] {
    const view = this.view();
    return [...new Set(['streams', 'health', 'status', 'queues', ...this.followed, ...(view === null ? [] : [`stream:${view.streamId}`])])];
  }

  private async loadLists(): Promise<void> {
    const { api, notices } = this.deps;
    if (this.loadingLists) return;
    this.loadingLists = true;
    try {
      const [streams, queues, plugins] = await Promise.all([api.streams(), api.queues(), api.plugins()]);
      if (!this.running) return;
      this.streams.replace(streams);
      this.health.replace(streams);
      this.work.queues.set(queues);
      this.work.plugins.set(plugins);
      this.showSelected();
    } catch (error) {
      if (this.running) notices.problem(error);
    } finally {
      this.loadingLists = false;
    }
  }
}
