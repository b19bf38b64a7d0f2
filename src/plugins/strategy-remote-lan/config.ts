import { secretSource, z } from 'vedette/plugin';
import { plainFingerprint } from 'vedette/worker-host';

const url = z
  .url({ protocol: /^https$/ })
  .refine((text) => /^https:\/\/[^/?#@]+\/?$/i.test(text), 'nothing but https://, address and port')
  .transform((text) => new URL(text).origin);
const fingerprint = z
  .string()
  .transform(plainFingerprint)
  .refine((hex) => /^[0-9a-f]{64}$/.test(hex), 'the SHA-256 fingerprint that the worker host shows when it starts: 64 hex digits');

export const remoteLanConfig = z
  .strictObject({
    token: secretSource.describe('What workers and worker hosts share: where it stands'),
    hosts: z
      .array(
        z.strictObject({
          url: url.describe('Address of a worker host, such as https://10.0.0.5:7443'),
          fingerprint: fingerprint.optional().describe('Fingerprint of its certificate; with it, no other certificate is spoken to'),
        }),
      )
      .max(256)
      .default([])
      .describe('Worker hosts'),
    discover: z
      .boolean()
      .default(false)
      .describe('Also use hosts that announce themselves on the local network (mDNS) and prove that they have the token'),
    interface: z
      .ipv4()
      .optional()
      .describe('Address of this machine on the network where hosts are looked for; absent: the system chooses'),
  })
  .refine(({ hosts, discover }) => hosts.length > 0 || discover, 'hosts, or discover: true, or both')
  .refine(({ hosts }) => new Set(hosts.map((host) => host.url)).size === hosts.length, 'each host once');

export type RemoteLanConfig = z.output<typeof remoteLanConfig>;
