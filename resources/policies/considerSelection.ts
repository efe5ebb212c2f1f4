import { askedOfOwnRegion } from '../../shared/policy/ownRegion.ts';
import type { PolicyBody } from '../../shared/policy/policy.ts';
import type { Consideration } from './consideration.ts';
import { selectedKeys, selectsNothing } from './emptySelection.ts';

type PolicyOfInstances = Exclude<PolicyBody, { capture: 'efs' }>;

/**
 * Whether a policy finds something, where it can do what it asks for, and again after it has marked it.
 * @param tagKey the tag that names policies
 * @param region the stage's, where it is known
 */
export function considerSelection(
  policy: PolicyOfInstances,
  tagKey: string,
  region: string | undefined,
): Consideration[] {
  const { select } = policy;
  const found = [...ofRegions(policy, region), ...ofMarks(policy, tagKey)];
  if (selectsNothing(select))
    found.push({
      path: ['select', ...(select.exclude ? ['exclude'] : [])],
      message:
        'leaves nothing to select, whatever instances there are; name those that are to be backed up, and exclude fewer',
    });
  return found;
}

/** What is done on an instance itself is done where the stage is; a single Region can only be judged with its name. */
function ofRegions(policy: PolicyOfInstances, own: string | undefined): Consideration[] {
  const { regions } = policy.select;
  const asked = askedOfOwnRegion(policy);
  if (regions === undefined || asked.length === 0) return [];
  const elsewhere =
    regions === '*' || regions.length > 1 || (own !== undefined && regions.some((one) => one !== own));
  if (!elsewhere) return [];
  const verb = asked.length > 1 ? 'work' : 'works';
  const there = own === undefined ? 'the Region of the stage' : `the Region of the stage, ${own}`;
  const without = asked.map((each) =>
    each.startsWith('consistency') ? 'with consistency: none' : `without ${each}`,
  );
  return [
    {
      path: ['select', 'regions'],
      message: `${asked.join(', ')} ${verb} only in ${there}; deploy a stage in each Region and leave regions out, or back up ${without.join(', ')}`,
    },
  ];
}

/** What a run puts on instances and volumes must not keep the next one from finding them. */
function ofMarks({ select, markDone, volumes }: PolicyOfInstances, tagKey: string): Consideration[] {
  const selected = selectedKeys(select);
  const left = volumes.exclude?.tags ?? {};
  const path = (on: string, key: string) => ['markDone', on, key];
  const unlessMeant = 'choose another key, unless that is meant';
  return [
    ...Object.keys(markDone.instance).flatMap((key): Consideration[] => {
      if (key === tagKey)
        return [
          {
            path: path('instance', key),
            message:
              'is the tag that names policies (tagKey), so that after the first run no policy would select the instance; choose another key',
          },
        ];
      if (!selected.has(key)) return [];
      const message = `changes a tag that select looks at, so that the next run may select others; ${unlessMeant}`;
      return [{ path: path('instance', key), message, warning: true }];
    }),
    ...Object.keys(markDone.volume).flatMap((key): Consideration[] => {
      if (!Object.hasOwn(left, key)) return [];
      const message = `changes a tag that volumes.exclude looks at, so that the next point may lack the volume; ${unlessMeant}`;
      return [{ path: path('volume', key), message, warning: true }];
    }),
  ];
}
