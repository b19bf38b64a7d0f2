import { inject, InjectionToken, Pipe, type PipeTransform } from '@angular/core';

/** Where Vedette is, without a slash at its end: the folder of the page, so that a proxy may serve it below a path. */
export const SERVER_URL = new InjectionToken<string>('server-url', {
  providedIn: 'root',
  factory: () => new URL('.', document.baseURI).href.replace(/\/$/, ''),
});

/** The whole address of what the API names by a path from its root. @example <img [src]="icon.imageUrl | serverAddress" /> */
@Pipe({ name: 'serverAddress' })
export class ServerAddress implements PipeTransform {
  private readonly serverUrl = inject(SERVER_URL);

  transform(path: string): string {
    return this.serverUrl + path;
  }
}
