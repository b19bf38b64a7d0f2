import {
  ChangeDetectionStrategy,
  Component,
  computed,
  ElementRef,
  inject,
  input,
  signal,
  viewChild,
  type AfterViewInit,
  type OnDestroy,
} from '@angular/core';
import type { StreamWire } from '../api/models';
import { SERVER_URL } from '../core/server-address';
import { SessionState } from '../core/session-state';
import { HlsEngine } from '../features/player/hls-engine';

/** A stream as it moves, over its tile: one at a time, of the tile that is pointed at. It shows once it plays. */
@Component({
  selector: 'vd-wall-preview',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `<video
    #video
    class="tile__preview"
    [class.tile__preview--on]="isPlaying()"
    muted
    playsinline
    aria-hidden="true"
    tabindex="-1"
  ></video>`,
})
export class WallPreview implements AfterViewInit, OnDestroy {
  readonly stream = input.required<StreamWire>();
  private readonly engine = signal<HlsEngine | null>(null);
  protected readonly isPlaying = computed(() => this.engine()?.state() === 'playing');
  private readonly video = viewChild.required<ElementRef<HTMLVideoElement>>('video');
  private readonly serverUrl = inject(SERVER_URL);
  private readonly session = inject(SessionState);

  ngAfterViewInit(): void {
    const video = this.video().nativeElement;
    video.muted = true;
    const engine = new HlsEngine(video, () => void this.session.check().catch(() => undefined), this.serverUrl);
    this.engine.set(engine);
    void engine.load(this.stream().playlistUrl);
  }

  ngOnDestroy(): void {
    this.engine()?.destroy();
  }
}
