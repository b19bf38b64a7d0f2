import { Injectable } from '@angular/core';
import type uPlot from 'uplot';

/** uPlot, fetched when the first chart is drawn. */
@Injectable({ providedIn: 'root' })
export class ChartLibrary {
  private loading: Promise<typeof uPlot> | null = null;

  load(): Promise<typeof uPlot> {
    return (this.loading ??= import('uplot').then((module) => module.default));
  }
}
