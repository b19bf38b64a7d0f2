import { Injectable } from '@nestjs/common';
import { toFrame } from '../feed/feed-hydrator.js';
import { InstallationStatus } from '../resources/installation-status.js';
import { WatchedFigures } from './watched-figures.js';

/** How the installation is, whenever what is said of it changes. */
@Injectable()
export class StatusTicker extends WatchedFigures {
  protected readonly what = "The installation's status";
  protected readonly periodMs = 2_000;

  constructor(private readonly status: InstallationStatus) {
    super();
  }

  protected async read() {
    const { admin, viewer } = await this.status.now();
    const frames = { admin: toFrame({ type: 'status', ...admin }), viewer: toFrame({ type: 'status', ...viewer }) };
    return { frames, key: `${frames.admin.toString()} ${frames.viewer.toString()}` };
  }
}
