import { defineSource, LOGGER, type Logger, PAGE_GATE, type PageGate, type SourceAdapter, type SourceContext } from 'vedette/plugin';
import { browserConfigSchema, type BrowserConfig } from './config.js';
import { PAGE_MIME_TYPES } from './mime-types.js';
import { PageListener } from './page-listener.js';

const ID = 'browser';

/** Cameras of browsers: pages record them and send the recording through the API role, which knows who is signed in. */
export class BrowserSource implements SourceAdapter<BrowserConfig> {
  constructor(
    private readonly gate: PageGate,
    private readonly logger: Logger,
  ) {}

  open(config: BrowserConfig, _context: SourceContext | undefined, signal: AbortSignal): Promise<PageListener> {
    return PageListener.open({ adapterId: ID, config, gate: this.gate, logger: this.logger }, signal);
  }
}

export const browserSource = defineSource<BrowserConfig>({
  id: ID,
  version: '1.0.0',
  title: 'Web browser: camera of a phone or computer',
  kind: 'listener',
  config: browserConfigSchema,
  pages: { mimeTypes: PAGE_MIME_TYPES },
  inject: [PAGE_GATE, LOGGER],
  create: (gate: PageGate, logger: Logger) => new BrowserSource(gate, logger),
});
