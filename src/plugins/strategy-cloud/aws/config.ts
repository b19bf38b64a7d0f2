import { secretSource, z } from 'vedette/plugin';
import { amount, commonSettings } from '../settings.js';

export const awsConfig = z.strictObject({
  ...commonSettings,
  /** Region that has Rekognition, such as eu-central-1. */
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region such as eu-central-1')
    .optional(),
  /** Another address than the region's own: a VPC endpoint. */
  endpoint: z.url({ protocol: /^https?$/ }).optional(),
  accessKeyId: secretSource.optional(),
  secretAccessKey: secretSource.optional(),
  /** With temporary credentials. */
  sessionToken: secretSource.optional(),
  /** A model of your own, trained with Custom Labels, for logos or for objects. It must be running. */
  customLabels: z
    .strictObject({
      projectVersionArn: z.string().regex(/^arn:aws[a-z-]*:rekognition:/, 'an ARN of a project version: arn:aws:rekognition:…'),
      task: z.enum(['logo', 'object']).default('logo'),
    })
    .optional(),
  /**
   * For a picture and interface. AWS's list prices in US dollars (first million a month, us-east-1); Custom Labels is billed by the
   * hour the model runs, not by picture.
   */
  prices: z
    .strictObject({ detectLabels: amount.default(0.001), detectText: amount.default(0.001), detectCustomLabels: amount.default(0) })
    .prefault({}),
  maxLabels: z.number().int().min(1).max(500).default(50),
});

export type AwsConfig = z.output<typeof awsConfig>;
