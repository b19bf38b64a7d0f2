import { defineAnalyzer, definePlugin, z } from 'vedette/plugin';
import { watchError } from './errors.js';

/** What a provider is asked for in its own right: there is no model of ours behind it. */
const watch = (id: string, title: string, task: string) =>
  defineAnalyzer({
    id: `cloud-watch.${id}`,
    version: '1.0.0',
    title,
    queue: 'cloud_watch',
    solves: [task],
    needsStandIn: true,
    config: z.strictObject({
      only: z
        .array(z.string().min(1).max(200))
        .min(1)
        .max(1_000)
        .optional()
        .describe('The only names to report; a model that is told what to look for is told these'),
    }),
    // What is sent is the strategy's business: how often, and how large.
    input: { sampling: { keyframes: true }, frame: { widthPx: 16, heightPx: 16, fit: 'stretch', format: 'gray8' } },
    create: () => {
      throw watchError('VD_CLOUD_WATCH_NO_CODE', `cloud-watch.${id} has no code of its own`);
    },
  });

/** Logos, objects, labels and texts as cloud providers find them; see the guide to cloud strategies. */
export default definePlugin({
  id: 'cloud-watch',
  version: '1.0.0',
  api: '^1.0.0',
  analyzers: [
    watch('logos', 'Logos, by a provider', 'logo'),
    watch('objects', 'Objects, by a provider', 'object'),
    watch('labels', 'Labels, by a provider', 'label'),
    watch('texts', 'Texts, by a provider', 'text'),
  ],
});
