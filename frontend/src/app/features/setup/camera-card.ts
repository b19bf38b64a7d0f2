import { ChangeDetectionStrategy, Component, ElementRef, inject, input, signal, viewChild, type OnDestroy } from '@angular/core';
import { BrowserCamera } from '../../core/camera/browser-camera';
import { IDLE, type CameraStatus } from '../../core/camera/camera-status';
import { SERVER_URL } from '../../core/server-address';
import { Texts } from '../../i18n/texts';
import type { SetupTexts } from './i18n/en';

/** Sends this browser's camera to a stream, for as long as the page is open. */
@Component({
  selector: 'vd-camera-card',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `<video #preview class="camera-card__preview" muted playsinline autoplay [attr.aria-label]="t('camera.preview')"></video>
    @if (status().problem; as it) {
      <p class="problem" role="alert">
        <strong>{{ it.message }}</strong> <span class="problem__fix">{{ it.fix }}</span>
      </p>
    }
    @if (isSending()) {
      <p class="quiet">{{ t('camera.open') }}</p>
      <button type="button" class="button" (click)="stop()">{{ t('camera.stop') }}</button>
    } @else {
      <button type="button" class="button button--primary" (click)="start()">{{ t('camera.start') }}</button>
    }`,
  host: { class: 'camera-card' },
})
export class CameraCard implements OnDestroy {
  readonly stream = input.required<string>();
  /** What the adapter takes, the best first. */
  readonly mimeTypes = input.required<readonly string[]>();
  protected readonly t = inject(Texts).of<SetupTexts>('setup');
  protected readonly status = signal<CameraStatus>(IDLE);
  protected readonly isSending = signal(false);
  private readonly serverUrl = inject(SERVER_URL);
  private readonly preview = viewChild.required<ElementRef<HTMLVideoElement>>('preview');
  private camera: BrowserCamera | null = null;

  async start(): Promise<void> {
    const camera = new BrowserCamera({
      serverUrl: this.serverUrl,
      stream: this.stream(),
      mimeTypes: this.mimeTypes(),
      video: true,
      audio: true,
    });
    camera.onChange = (status) => {
      this.status.set(status);
      this.isSending.set(status.state !== 'failed' && status.state !== 'ended');
      this.preview().nativeElement.srcObject = camera.preview;
    };
    this.camera = camera;
    await camera.open();
  }

  async stop(): Promise<void> {
    await this.camera?.stop();
  }

  ngOnDestroy(): void {
    void this.camera?.stop();
  }
}
