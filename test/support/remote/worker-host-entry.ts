import { HeldReferences } from '../../../src/core/brands/held-references.js';
import { startHostPool } from '../analysis/host-pool.js';
import { startWorkerHost, type WorkerHostSettings } from './worker-hosts.js';

// A worker host without Nest and without configuration, to be killed.
const settings = JSON.parse(process.argv[2] ?? '{}') as WorkerHostSettings;
const references = new HeldReferences();
const pool = startHostPool(settings, { hosts: settings.hosts ?? 1, references });
const host = await startWorkerHost(pool, {
  name: settings.name,
  analyzers: settings.analyzers,
  references,
  listen: { host: '127.0.0.1', port: settings.port ?? 0 },
});
process.once('disconnect', () => process.exit(0));
process.once(
  'SIGTERM',
  () =>
    void host
      .close()
      .then(() => pool.close())
      .then(() => process.exit(0)),
);
process.send?.({ port: host.address.port, fingerprint: host.fingerprint });
