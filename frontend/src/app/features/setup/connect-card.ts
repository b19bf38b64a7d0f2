import { ChangeDetectionStrategy, Component, computed, inject, input, output, signal, type OnDestroy, type OnInit } from '@angular/core';
import { ApiClient } from '../../api/api-client';
import { Dashboard } from '../../core/dashboard';
import { LiveFeed } from '../../core/live-feed';
import { PAGE_CLOCK } from '../../core/page-clock';
import { SERVER_URL } from '../../core/server-address';
import { LocaleFormat } from '../../i18n/locale-format';
import { Texts } from '../../i18n/texts';
import { CopyField } from '../../shared/ui/copy-field';
import { Meter } from '../../shared/ui/meter';
import { ProblemText } from '../../shared/ui/problem-text';
import { CameraCard } from './camera-card';
import { ConnectState } from './connect-state';
import { FileUpload } from './file-upload';
import type { FirstStream } from './first-stream-state';
import type { SetupTexts } from './i18n/en';

const PICTURE_EVERY_MS = 3_000;
/** Segments that analysis may lag behind. */
const ANALYSED_BEHIND = 3;
const REFUSALS = 20;
/** What a wrong key is refused by: said in the viewer's language. */
const WRONG_KEY = new Set(['VD_INGEST_KEY_UNKNOWN', 'VD_INGEST_KEY_REVOKED', 'VD_INGEST_KEY_EXPIRED']);

/** A stream that is to come in: what to do for it, who was refused, and its first picture with what is seen in it. */
@Component({
  selector: 'vd-connect-card',
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [CameraCard, CopyField, Meter, ProblemText],
  templateUrl: './connect-card.html',
})
export class ConnectCard implements OnInit, OnDestroy {
  readonly first = input.required<FirstStream>();
  readonly mimeTypes = input<readonly string[]>([]);
  readonly done = output<void>();
  readonly back = output<void>();

  protected readonly t = inject(Texts).of<SetupTexts>('setup');
  protected readonly fmt = inject(LocaleFormat);
  protected readonly dashboard = inject(Dashboard);
  /** From when the stream is known. */
  protected state!: ConnectState;
  protected readonly server = computed(() => this.dashboard.work.system()?.rtmpUrl ?? null);
  protected readonly upload = new FileUpload(inject(ApiClient).upkeep);
  protected readonly pictureUrl = signal<string | null>(null);
  protected readonly told = computed(() => {
    const refusal = this.state.refusal();
    if (refusal === null) return null;
    const ago = this.fmt.ago(Date.parse(refusal.lastAt), this.dashboard.nowMs());
    const address = refusal.address ?? this.t('connect.severalAddresses');
    return WRONG_KEY.has(refusal.code)
      ? this.t('connect.wrongKey', { address, ago })
      : this.t('connect.refused', { address, ago, reason: refusal.reason });
  });
  private readonly api = inject(ApiClient);
  private readonly serverUrl = inject(SERVER_URL);
  private readonly feed = inject(LiveFeed);
  private readonly clock = inject(PAGE_CLOCK);
  private readonly stops: (() => void)[] = [];

  ngOnInit(): void {
    this.state = new ConnectState(
      () => this.stream(),
      () => this.dashboard.nowMs(),
    );
    this.stops.push(
      this.feed.listen((message) => this.state.hear(message)),
      this.dashboard.follow('refusals'),
      this.clock.every(PICTURE_EVERY_MS, () => void this.look()),
    );
    void this.api.upkeep.refusals(REFUSALS).then(
      (refusals) => this.state.learn(refusals),
      () => undefined, // The feed tells of those to come.
    );
    const { file, stream } = this.first();
    if (file !== null) void this.upload.send(stream.id, file);
    void this.look();
  }

  ngOnDestroy(): void {
    for (const stop of this.stops) stop();
  }

  private stream() {
    const made = this.first().stream;
    return this.dashboard.streams.get(made.id) ?? made;
  }

  /** What has just come in is not analysed yet: the picture is of a little before, with boxes in it. */
  private async look(): Promise<void> {
    if (this.state.stage() !== 'connected' && this.state.stage() !== 'picture') return;
    const { id } = this.first().stream;
    const segments = await this.api.newestSegments(id, ANALYSED_BEHIND).catch(() => []);
    const shown = segments.at(-1);
    if (shown === undefined) return;
    this.pictureUrl.set(`${this.serverUrl}/api/streams/${id}/snapshot?epochId=${shown.epochId}&ptsUs=${shown.ptsStartUs}&boxes=1`);
  }
}
