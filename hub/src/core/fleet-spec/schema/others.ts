import { limits } from '@flotilla/shared/base';
import { selector } from './selector.ts';
import {
  amount,
  clusterName,
  cronText,
  dnsLabel,
  duration,
  labelKey,
  labelValue,
  metadata,
  plainName,
  someText,
  timeZone,
} from './words.ts';
import { z } from './zod.ts';

/** kind: FleetPolicy. */
export const policySchema = z.strictObject({
  apiVersion: z.string(),
  kind: z.literal('FleetPolicy'),
  metadata: metadata(dnsLabel),
  spec: z.strictObject({
    maxChanging: amount.optional(),
    maxChangingPerCluster: z.int().min(1).optional(),
    maxWithdraw: amount.optional(),
    autoJoinMax: amount.optional(),
    defaultStrategy: dnsLabel.optional(),
  }),
});

/** kind: ChangeWindow. */
export const windowSchema = z.strictObject({
  apiVersion: z.string(),
  kind: z.literal('ChangeWindow'),
  metadata: metadata(dnsLabel),
  spec: z.strictObject({
    mode: z.enum(['allow', 'deny']),
    clusters: selector.optional(),
    schedule: z.strictObject({ cron: cronText, duration, tz: timeZone.optional() }),
    exempt: z.array(z.enum(['rollback', 'urgent'])).optional(),
  }),
});

const signersOf = z
  .array(z.string().min(1, 'must not be empty'))
  .min(1, 'must not be empty')
  .max(limits.sourceSignersMax, `has more than ${limits.sourceSignersMax} entries`)
  .meta({
    description:
      'Who may sign: a public key as in an OpenSSH .pub file, its fingerprint SHA256:…, or an OpenPGP public key block.',
  });

/** kind: Source. */
export const sourceSchema = z.strictObject({
  apiVersion: z.string(),
  kind: z.literal('Source'),
  metadata: metadata(dnsLabel),
  spec: z.strictObject({
    url: someText,
    credential: plainName.optional(),
    deliverCredentials: z.boolean().optional(),
    verify: z.strictObject({ signers: signersOf }).optional(),
    caBundle: z.string().max(262_144, 'is longer than 262144 characters').optional(),
  }),
});

/** kind: ClusterGroup. */
export const groupSchema = z.strictObject({
  apiVersion: z.string(),
  kind: z.literal('ClusterGroup'),
  metadata: metadata(dnsLabel),
  spec: z.strictObject({ clusters: selector }),
});

/** kind: Cluster. */
export const clusterSchema = z.strictObject({
  apiVersion: z.string(),
  kind: z.literal('Cluster'),
  metadata: metadata(clusterName),
  spec: z
    .strictObject({
      taints: z.array(z.strictObject({ key: labelKey, value: labelValue.optional() })).optional(),
      cordon: z.boolean().optional(),
    })
    .optional(),
});

/** The small kinds as written. */
export type RawPolicy = z.output<typeof policySchema>;
/** A window as written. */
export type RawWindow = z.output<typeof windowSchema>;
/** A source as written. */
export type RawSource = z.output<typeof sourceSchema>;
/** A group as written. */
export type RawGroup = z.output<typeof groupSchema>;
/** A cluster as written. */
export type RawCluster = z.output<typeof clusterSchema>;
