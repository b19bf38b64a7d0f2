import { secretSource, z } from 'vedette/plugin';
import { amount, commonSettings } from '../settings.js';

export const googleConfig = z.strictObject({
  ...commonSettings,
  /** Google's own, or one of its regions: https://eu-vision.googleapis.com. */
  endpoint: z.url({ protocol: /^https?$/ }).default('https://vision.googleapis.com'),
  /** An API key … */
  apiKey: secretSource.optional(),
  /** … or the JSON file of a service account. */
  serviceAccount: secretSource.optional(),
  /** For a feature on a picture. Google's list prices in US dollars from the 1,001st to the 5,000,000th unit of a month. */
  prices: z
    .strictObject({
      logo: amount.default(0.0015),
      label: amount.default(0.0015),
      object: amount.default(0.00225),
      text: amount.default(0.0015),
    })
    .prefault({}),
  /** Things of one kind at most, per picture. */
  maxResults: z.number().int().min(1).max(200).default(50),
});

export type GoogleConfig = z.output<typeof googleConfig>;
