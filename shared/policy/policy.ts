import * as v from 'valibot';
import { duration } from '../duration.ts';
import { placeOf } from '../parsed.ts';
import { record } from '../record.ts';
import { consistencyAsked, paths } from '../recoveryPoint.ts';
import { keep } from '../retention/keep.ts';
import { efs } from './efs.ts';
import { pattern, tagPatterns } from './expression.ts';
import { schedule } from './schedule.ts';
import { select } from './select.ts';
import { strictObject } from './strictObject.ts';
import { instanceTemplate, longestExpansion, pointTemplate, volumeTemplate } from './template.ts';
import { within } from './within.ts';

const NAME = 'is no name of a policy; write small letters, digits and -, 30 at most, a letter first';

/** A policy's name: it stands in names of schedules, parameters and executions, and in tags between separators. */
export const policyName = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,29}$/, NAME));

const KEPT_KEY = 'is kept for AWS or this product, or longer than 128 characters; choose another key';

/** The tag whose value names policies. */
export const tagKey = v.optional(
  v.pipe(
    v.string(),
    v.minLength(1),
    v.maxLength(128),
    v.check((key) => !isReserved(key), KEPT_KEY),
  ),
  'backup-policy',
);

function isReserved(key: string): boolean {
  return /^(aws:|backup-drill:)/i.test(key);
}

/** Characters that AWS takes in a tag's value. */
const TAG_VALUE = 256;

/** Tags with values made of a template. Never the product's own, and so never the interlock's. */
function tags(template: v.GenericSchema<string>) {
  return v.pipe(
    record(
      v.pipe(
        v.string(),
        v.minLength(1, KEPT_KEY),
        v.maxLength(128, KEPT_KEY),
        v.check((key) => !isReserved(key), KEPT_KEY),
      ),
      v.pipe(
        template,
        v.check(
          (text) => longestExpansion(text) <= TAG_VALUE,
          ({ input }) =>
            `can become ${longestExpansion(String(input))} characters, and a tag holds ${TAG_VALUE}; write fewer placeholders`,
        ),
      ),
      'must be tags, such as { Team: web }',
    ),
    // AWS takes 50 a resource; ours and what is copied need room too.
    v.check((all) => Object.keys(all).length <= 20, 'are more than 20; a resource has room for 50 in all'),
  );
}

const copied = v.optional(
  v.union(
    [v.literal(true), v.pipe(v.array(pattern), v.minLength(1))],
    'must be true, or a list of keys such as [Name, "cost-*"]',
  ),
);

const time = v.pipe(
  v.string(),
  v.check((text) => v.safeParse(duration, text).success, 'must be a duration such as 26h or 30m'),
);

const documentName = v.pipe(
  v.string(),
  v.regex(
    /^(arn:aws[a-z-]*:ssm:[a-z0-9-]+:\d{12}:document\/)?[A-Za-z0-9_.-]{3,128}$/,
    'is no name or ARN of an SSM document',
  ),
);

/** What all kinds of capture have in common. */
const common = {
  select: v.pipe(
    v.optional(select, {}),
    v.description('Which instances; those whose tag tagKey names the policy, unless told'),
  ),
  fallback: v.pipe(
    v.optional(v.literal('none', 'can only be none, or left out')),
    v.description('none: a crash-consistent copy is good enough where more was asked but not seen'),
  ),
  documents: v.pipe(
    v.optional(strictObject({ before: v.optional(documentName), after: v.optional(documentName) })),
    v.description(
      'Your own SSM documents around the capture; each needs the tag backup-drill:application=allowed',
    ),
  ),
  freezeSeconds: v.pipe(
    v.optional(within(30, 600, 'seconds')),
    v.description('With freeze: seconds after which the host thaws by itself; 120 unless told'),
  ),
  validate: v.pipe(
    v.optional(strictObject({ paths: v.pipe(paths, v.minLength(1)) })),
    v.description('Paths that get a nonce and a manifest, so that a restore can be proven byte by byte'),
  ),
  schedule: v.pipe(
    v.optional(schedule),
    v.description('When it runs; without one, only when somebody starts it'),
  ),
  keep: v.pipe(
    keep,
    v.description(
      'How long points are kept: { days }, { count } or { hourly, daily, weekly, monthly, yearly }',
    ),
  ),
  maxDeletions: v.pipe(
    v.optional(
      v.union(
        [
          strictObject({ percent: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)) }),
          strictObject({ count: v.pipe(v.number(), v.safeInteger(), v.minValue(1)) }),
        ],
        'must be { percent: 1 to 100 } or { count: 1 or more }',
      ),
      { percent: 50 },
    ),
    v.description("A retention that would delete more of the policy's points stops and says so"),
  ),
  expire: v.pipe(
    v.optional(strictObject({ schedule })),
    v.description('Retention alone on a schedule, besides at each run'),
  ),
  copyTags: v.pipe(
    v.optional(strictObject({ instance: copied, volume: copied }), {}),
    v.description('Which tags of the instance and its volumes a point gets'),
  ),
  description: v.pipe(
    v.optional(pointTemplate, '{policy} {instance-id} {iso-datetime}Z'),
    v.description('Of images and snapshots; a template'),
  ),
  tags: v.pipe(v.optional(tags(pointTemplate), {}), v.description('Put on every recovery point; templates')),
  markDone: v.pipe(
    v.optional(
      strictObject({
        instance: v.optional(tags(instanceTemplate), {}),
        volume: v.optional(tags(volumeTemplate), {}),
      }),
      {},
    ),
    v.description('Put on the instance and its volumes once the point is verified; templates'),
  ),
  adopt: v.pipe(
    v.optional(strictObject({ tags: tagPatterns })),
    v.description('Images and snapshots with these tags become points of this policy'),
  ),
  objectives: v.pipe(
    v.optional(strictObject({ rpo: v.optional(time), rto: v.optional(time) })),
    v.description('What must hold: a schedule that cannot meet the RPO is refused'),
  ),
  notify: v.pipe(
    v.optional(v.picklist(['failures', 'always', 'never']), 'failures'),
    v.description('Which runs send a message'),
  ),
};

const exclude = v.pipe(
  v.optional(strictObject({ tags: tagPatterns })),
  v.description('Volumes with these tags are left out'),
);

const ami = {
  ...common,
  capture: v.pipe(v.literal('ami'), v.description('An image with a snapshot of each volume')),
  consistency: v.pipe(
    v.optional(consistencyAsked, 'reboot'),
    v.description('How the instance is brought to rest: reboot, stop, freeze or none'),
  ),
  volumes: v.pipe(
    v.optional(
      strictObject({
        root: v.optional(
          v.literal(true, 'an image always has its root; leave this out, or capture snapshots'),
          true,
        ),
        data: v.optional(v.boolean(), true),
        exclude,
      }),
      {},
    ),
    v.description('Which volumes; all unless told'),
  ),
  imageName: v.pipe(
    v.optional(pointTemplate, '{stack} {policy} {instance-id} {run}'),
    v.description("The image's name, a template; instance and run are added where it does not name them"),
  ),
};

const snapshots = {
  ...common,
  capture: v.pipe(v.literal('snapshots'), v.description('A snapshot of each volume, all of one moment')),
  consistency: v.pipe(
    v.picklist(['stop', 'freeze', 'none'], ({ input }) =>
      input === 'reboot'
        ? 'only an image is taken with a reboot; choose stop, freeze or none, or capture ami'
        : 'must be said with capture snapshots; choose stop, freeze or none',
    ),
    v.description('How the instance is brought to rest: stop, freeze or none'),
  ),
  volumes: v.pipe(
    v.optional(
      strictObject({ root: v.optional(v.boolean(), true), data: v.optional(v.boolean(), true), exclude }),
      {},
    ),
    v.check(({ root, data }) => root || data, 'leaves no volume; set root or data to true'),
    v.description('Which volumes; all unless told'),
  ),
};

/** Which policy it is; of a policy in policies.yml its key and the file's tagKey. */
const identity = { name: policyName, tagKey };

/** What only fits together. */
function fits<Value extends { consistency: string; freezeSeconds?: number | undefined }>() {
  return v.rawCheck<Value>(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { consistency, freezeSeconds } = dataset.value;
    if (freezeSeconds !== undefined && consistency !== 'freeze')
      addIssue({
        path: placeOf(dataset.value, 'freezeSeconds'),
        message: `means nothing with consistency ${consistency}; leave it out, or set consistency: freeze`,
      });
  });
}

const { schedule: when, maxDeletions, objectives, notify } = common;
const ofEfs = { schedule: when, maxDeletions, objectives, notify, ...efs };

/** A policy as policies.yml has it, under its name. */
export const policyBody = v.variant(
  'capture',
  [v.pipe(strictObject(ami), fits()), v.pipe(strictObject(snapshots), fits()), strictObject(ofEfs)],
  ({ expected }) =>
    expected === 'Object'
      ? 'must have keys of its own, such as { capture: ami, keep: { daily: 7 } }'
      : 'must be ami, snapshots or efs',
);

export type PolicyBody = v.InferOutput<typeof policyBody>;

/** A whole policy of instances, as the SSM parameter holds it; parsing it again changes nothing. */
export const policy = v.variant(
  'capture',
  [
    v.pipe(strictObject({ ...identity, ...ami }), fits()),
    v.pipe(strictObject({ ...identity, ...snapshots }), fits()),
  ],
  'must be ami or snapshots; a policy with capture: efs is run by efs-backup',
);
export type Policy = v.InferOutput<typeof policy>;

/** A whole policy with `capture: efs`, as the SSM parameter holds it. */
export const efsPolicy = strictObject({ ...identity, ...ofEfs });
export type EfsPolicy = v.InferOutput<typeof efsPolicy>;

/** policies.yml. */
export const policiesFile = strictObject({
  tagKey,
  policies: record(policyName, policyBody, 'must have policies by their names'),
});
export type PoliciesFile = v.InferOutput<typeof policiesFile>;
