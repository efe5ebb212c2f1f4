import * as z from 'zod';
import { duration } from '../duration.ts';
import { consistencyAsked, paths } from '../recoveryPoint.ts';
import { keep } from '../retention/keep.ts';
import { efs } from './efs.ts';
import { pattern, tagPatterns } from './expression.ts';
import { schedule } from './schedule.ts';
import { select } from './select.ts';
import { strictObject } from './strictObject.ts';
import { instanceTemplate, pointTemplate, volumeTemplate } from './template.ts';

const NAME = 'is no name of a policy; write small letters, digits and -, 30 at most, a letter first';

/** A policy's name: it stands in names of schedules, parameters and executions, and in tags between separators. */
export const policyName = z.string().regex(/^[a-z][a-z0-9-]{0,29}$/, NAME);

const KEPT_KEY = 'is kept for AWS or this product, or longer than 128 characters; choose another key';

/** The tag whose value names policies. */
export const tagKey = z
  .string()
  .min(1)
  .max(128)
  .refine((key) => !isReserved(key), KEPT_KEY)
  .default('backup-policy');

function isReserved(key: string): boolean {
  return /^(aws:|backup-drill:)/i.test(key);
}

/** Tags with values made of a template. Never the product's own, and so never the interlock's. */
function tags(template: z.ZodString) {
  return (
    z
      .record(
        z
          .string()
          .min(1)
          .max(128)
          .refine((key) => !isReserved(key)),
        template,
        { error: ({ code }) => (code === 'invalid_key' ? KEPT_KEY : 'must be tags, such as { Team: web }') },
      )
      // AWS takes 50 a resource; ours and what is copied need room too.
      .refine((all) => Object.keys(all).length <= 20, 'are more than 20; a resource has room for 50 in all')
  );
}

const copied = z
  .union([z.literal(true), z.array(pattern).min(1)], {
    error: 'must be true, or a list of keys such as [Name, "cost-*"]',
  })
  .optional();

const time = z
  .string()
  .refine((text) => duration.safeParse(text).success, 'must be a duration such as 26h or 30m');

const documentName = z
  .string()
  .regex(
    /^(arn:aws[a-z-]*:ssm:[a-z0-9-]+:\d{12}:document\/)?[A-Za-z0-9_.-]{3,128}$/,
    'is no name or ARN of an SSM document',
  );

/** What all kinds of capture have in common. */
const common = {
  select: select
    .prefault({})
    .describe('Which instances; those whose tag tagKey names the policy, unless told'),
  fallback: z
    .literal('none', { error: 'can only be none, or left out' })
    .optional()
    .describe('none: a crash-consistent copy is good enough where more was asked but not seen'),
  documents: strictObject({ before: documentName.optional(), after: documentName.optional() })
    .optional()
    .describe(
      'Your own SSM documents around the capture; each needs the tag backup-drill:application=allowed',
    ),
  freezeSeconds: z
    .int()
    .min(30)
    .max(600)
    .optional()
    .describe('With freeze: seconds after which the host thaws by itself; 120 unless told'),
  validate: strictObject({ paths: paths.min(1) })
    .optional()
    .describe('Paths that get a nonce and a manifest, so that a restore can be proven byte by byte'),
  schedule: schedule.optional().describe('When it runs; without one, only when somebody starts it'),
  keep: keep.describe(
    'How long points are kept: { days }, { count } or { hourly, daily, weekly, monthly, yearly }',
  ),
  maxDeletions: z
    .union([strictObject({ percent: z.int().min(1).max(100) }), strictObject({ count: z.int().min(1) })], {
      error: 'must be { percent: 1 to 100 } or { count: 1 or more }',
    })
    .prefault({ percent: 50 })
    .describe("A retention that would delete more of the policy's points stops and says so"),
  expire: strictObject({ schedule })
    .optional()
    .describe('Retention alone on a schedule, besides at each run'),
  copyTags: strictObject({ instance: copied, volume: copied })
    .prefault({})
    .describe('Which tags of the instance and its volumes a point gets'),
  description: pointTemplate
    .default('{policy} {instance-id} {iso-datetime}Z')
    .describe('Of images and snapshots; a template'),
  tags: tags(pointTemplate).default({}).describe('Put on every recovery point; templates'),
  markDone: strictObject({
    instance: tags(instanceTemplate).default({}),
    volume: tags(volumeTemplate).default({}),
  })
    .prefault({})
    .describe('Put on the instance and its volumes once the point is verified; templates'),
  adopt: strictObject({ tags: tagPatterns })
    .optional()
    .describe('Images and snapshots with these tags become points of this policy'),
  objectives: strictObject({ rpo: time.optional(), rto: time.optional() })
    .optional()
    .describe('What must hold: a schedule that cannot meet the RPO is refused'),
  notify: z.enum(['failures', 'always', 'never']).default('failures').describe('Which runs send a message'),
};

const exclude = strictObject({ tags: tagPatterns })
  .optional()
  .describe('Volumes with these tags are left out');

const ami = {
  ...common,
  capture: z.literal('ami').describe('An image with a snapshot of each volume'),
  consistency: consistencyAsked
    .default('reboot')
    .describe('How the instance is brought to rest: reboot, stop, freeze or none'),
  volumes: strictObject({
    root: z
      .literal(true, { error: 'an image always has its root; leave this out, or capture snapshots' })
      .default(true),
    data: z.boolean().default(true),
    exclude,
  })
    .prefault({})
    .describe('Which volumes; all unless told'),
  imageName: pointTemplate
    .default('{stack} {policy} {instance-id} {run}')
    .describe("The image's name, a template; instance and run are added where it does not name them"),
};

const snapshots = {
  ...common,
  capture: z.literal('snapshots').describe('A snapshot of each volume, all of one moment'),
  consistency: z
    .enum(['stop', 'freeze', 'none'], {
      error: ({ input }) =>
        input === 'reboot'
          ? 'only an image is taken with a reboot; choose stop, freeze or none, or capture ami'
          : 'must be said with capture snapshots; choose stop, freeze or none',
    })
    .describe('How the instance is brought to rest: stop, freeze or none'),
  volumes: strictObject({ root: z.boolean().default(true), data: z.boolean().default(true), exclude })
    .prefault({})
    .refine(({ root, data }) => root || data, 'leaves no volume; set root or data to true')
    .describe('Which volumes; all unless told'),
};

/** Which policy it is; of a policy in policies.yml its key and the file's tagKey. */
const identity = { name: policyName, tagKey };

/** What only fits together. */
function fits(
  value: { consistency: string; freezeSeconds?: number | undefined },
  context: z.RefinementCtx,
): void {
  if (value.freezeSeconds !== undefined && value.consistency !== 'freeze')
    context.addIssue({
      code: 'custom',
      path: ['freezeSeconds'],
      message: `means nothing with consistency ${value.consistency}; leave it out, or set consistency: freeze`,
    });
}

const { schedule: when, maxDeletions, objectives, notify } = common;
const ofEfs = { schedule: when, maxDeletions, objectives, notify, ...efs };

/** A policy as policies.yml has it, under its name. */
export const policyBody = z.discriminatedUnion(
  'capture',
  [strictObject(ami).superRefine(fits), strictObject(snapshots).superRefine(fits), strictObject(ofEfs)],
  { error: 'must be ami, snapshots or efs' },
);

export type PolicyBody = z.infer<typeof policyBody>;

/** A whole policy of instances, as the SSM parameter holds it; parsing it again changes nothing. */
export const policy = z.discriminatedUnion(
  'capture',
  [
    strictObject({ ...identity, ...ami }).superRefine(fits),
    strictObject({ ...identity, ...snapshots }).superRefine(fits),
  ],
  { error: 'must be ami or snapshots; a policy with capture: efs is run by efs-backup' },
);
export type Policy = z.infer<typeof policy>;

/** A whole policy with `capture: efs`, as the SSM parameter holds it. */
export const efsPolicy = strictObject({ ...identity, ...ofEfs });
export type EfsPolicy = z.infer<typeof efsPolicy>;

/** policies.yml. */
export const policiesFile = strictObject({
  tagKey,
  policies: z.record(policyName, policyBody, {
    error: ({ code }) => (code === 'invalid_key' ? NAME : 'must have policies by their names'),
  }),
});
export type PoliciesFile = z.infer<typeof policiesFile>;
