import { CdkDrag, CdkDropList, CdkDropListGroup, type CdkDragDrop } from '@angular/cdk/drag-drop';
import { ChangeDetectionStrategy, Component, computed, inject, input, signal, type OnDestroy, ViewEncapsulation } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import type { StreamWire } from '../api/models';
import { Dashboard } from '../core/dashboard';
import { SingleKeys } from '../core/keyboard';
import { Notices } from '../core/notices';
import { SessionState } from '../core/session-state';
import { Verdict } from '../features/status/verdict';
import { StreamDialog } from '../features/streams/stream-dialog';
import { StreamSettings } from '../features/streams/stream-settings';
import type { WallTexts } from '../features/wall/i18n/en';
import { WallPrefs } from '../features/wall/wall-prefs';
import { WallState } from '../features/wall/wall-state';
import { WallTile } from '../features/wall/wall-tile';
import { mosaicFor, SHOWN, WallView, type Shown } from '../features/wall/wall-view';
import type { AppTexts } from '../i18n/en';
import { LocaleFormat } from '../i18n/locale-format';
import { Texts } from '../i18n/texts';
import { EmptyState } from '../shared/ui/empty-state';
import { Icon } from '../shared/ui/icon';
import { PageHead } from '../shared/ui/page-head';
import { WallPreview } from './wall-preview';

/** Who only passes over a tile does not make it move. */
const POINTED_MS = 500;
/** As `wall.css` has it between the tiles of a kiosk. */
const KIOSK_GAP_PX = 8;

/** The page that is opened every morning: every stream at one glance. */
@Component({
  selector: 'vd-wall-page',
  changeDetection: ChangeDetectionStrategy.OnPush,
  encapsulation: ViewEncapsulation.None,
  styleUrl: '../features/wall/wall.css',
  imports: [
    CdkDrag,
    CdkDropList,
    CdkDropListGroup,
    EmptyState,
    Icon,
    PageHead,
    RouterLink,
    StreamDialog,
    StreamSettings,
    Verdict,
    WallPreview,
    WallTile,
  ],
  templateUrl: './wall-page.html',
  host: { '(document:keydown)': 'onKey($event)', '(window:resize)': 'measure()' },
})
export class WallPage implements OnDestroy {
  /** From the address: what is looked for. */
  readonly q = input<string>();
  readonly show = input<string>();
  readonly group = input<string>();
  readonly kiosk = input<string>();

  protected readonly t = inject(Texts).of<WallTexts>('wall');
  protected readonly app = inject(Texts).of<AppTexts>('app');
  protected readonly format = inject(LocaleFormat);
  protected readonly dashboard = inject(Dashboard);
  protected readonly session = inject(SessionState);
  protected readonly prefs = inject(WallPrefs);
  protected readonly wall = inject(WallState);
  private readonly keys = inject(SingleKeys);
  private readonly router = inject(Router);
  private readonly notices = inject(Notices);

  protected readonly choices = SHOWN;
  protected readonly shown = computed<Shown>(() => SHOWN.find((one) => one === this.show()) ?? 'all');
  protected readonly text = computed(() => this.q() ?? '');
  protected readonly groupName = computed(() => this.group() ?? '');
  protected readonly isKiosk = computed(() => this.kiosk() !== undefined);
  protected readonly view = new WallView(this.dashboard, this.wall, this.prefs, {
    text: this.text,
    shown: this.shown,
    group: this.groupName,
    isFlat: this.isKiosk,
  });
  protected readonly count = computed(() => this.view.groups().reduce((sum, { streams }) => sum + streams.length, 0));
  protected readonly arranging = signal(false);
  protected readonly dialogFor = signal<StreamWire | 'new' | null>(null);
  private readonly settingsFor = signal<string | null>(null);
  protected readonly settingsStream = computed(() => this.dashboard.streams.get(this.settingsFor() ?? ''));
  /** The tile that moves: the one that is pointed at for a while. */
  protected readonly previewed = signal<string | null>(null);
  private readonly size = signal({ widthPx: innerWidth, heightPx: innerHeight });
  protected readonly mosaic = computed(() => mosaicFor(this.count(), this.size().widthPx, this.size().heightPx, KIOSK_GAP_PX));
  private readonly listeners = computed(
    () =>
      new Set(
        this.dashboard.work.plugins().flatMap(({ sources }) => sources.filter(({ kind }) => kind === 'listener').map(({ id }) => id)),
      ),
  );
  private readonly stopWatching = this.wall.watch();
  private pointing: ReturnType<typeof setTimeout> | undefined;

  ngOnDestroy(): void {
    this.stopWatching();
    clearTimeout(this.pointing);
  }

  protected takesPublishers(stream: StreamWire): boolean {
    return stream.enabled && this.listeners().has(stream.adapterId);
  }

  /** @param value null: whatever there is */
  protected look(what: 'q' | 'show' | 'group' | 'kiosk', value: string | null): void {
    void this.router.navigate([], {
      queryParams: { [what]: value === '' && what !== 'kiosk' ? null : value },
      queryParamsHandling: 'merge',
      replaceUrl: true,
    });
  }

  protected clear(): void {
    void this.router.navigate([], { queryParams: { q: null, show: null, group: null }, queryParamsHandling: 'merge', replaceUrl: true });
  }

  protected valueOf(event: Event): string {
    return (event.target as HTMLInputElement | HTMLSelectElement).value;
  }

  protected point(stream: StreamWire | null): void {
    clearTimeout(this.pointing);
    if (stream === null) this.previewed.set(null);
    else if (stream.state === 'live' && !this.arranging() && !matchMedia('(prefers-reduced-motion: reduce)').matches)
      this.pointing = setTimeout(() => this.previewed.set(stream.id), POINTED_MS);
  }

  protected dropped({ item, container, currentIndex }: CdkDragDrop<string, string, StreamWire>): void {
    this.view.place(item.data, container.data, currentIndex);
  }

  protected onKey(event: KeyboardEvent): void {
    if (!this.keys.mayTake(event)) return;
    if (event.key === 'f') this.toggleFullscreen();
    else if (event.key === 'Escape' && this.isKiosk()) this.look('kiosk', null);
    else return;
    event.preventDefault();
  }

  protected toggleFullscreen(): void {
    const done = document.fullscreenElement === null ? document.documentElement.requestFullscreen() : document.exitFullscreen();
    done.catch((error: unknown) => this.notices.problem(error));
  }

  protected measure(): void {
    this.size.set({ widthPx: innerWidth, heightPx: innerHeight });
  }

  protected openSettings(stream: StreamWire | null): void {
    this.settingsFor.set(stream?.id ?? null);
  }

  protected onCreated(stream: StreamWire): void {
    this.dashboard.streams.put(stream);
  }

  protected onRemoved(stream: StreamWire): void {
    this.openSettings(null);
    this.dashboard.streams.remove(stream.id);
    this.notices.info(this.t('removed', { title: stream.title }));
  }
}
