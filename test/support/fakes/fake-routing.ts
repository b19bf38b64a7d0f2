import { Routing, type RunRoute } from '../../../src/core/persistence/ledger/ingest-ledger.js';

/** Sends every stream to the same analyzers. */
export class FakeRouting extends Routing {
  constructor(
    readonly routes: RunRoute[] = [
      { queue: 'default', analyzerId: 'test.analyzer', analyzerVersion: '1.0.0', configHash: '0123456789abcdef' },
    ],
  ) {
    super();
  }

  routesFor(): RunRoute[] {
    return this.routes;
  }
}
