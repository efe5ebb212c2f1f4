import type { BenchWorld } from './world.ts';

/** The function that looks whether what a batch captured is done. */
const LOOKS = /-checkCaptures$/;

/**
 * Seconds from the moment at which each image became available to the moment at which a machine noticed: its first look
 * in the image's Region after that.
 * @throws Error when an image was never available, or no look followed
 */
export function detectionLags(
  world: BenchWorld,
  images: readonly { region: string; id: string }[],
): number[] {
  const { timeline } = world.local.account;
  const looks = Map.groupBy(
    world.callsOf(/^ec2:Describe/).filter(({ caller, refused }) => LOOKS.test(caller) && !refused),
    ({ region }) => region,
  );
  return images.map(({ region, id }) => {
    const available = timeline.at(`${id}:available`);
    const noticed = looks.get(region)?.find(({ at }) => available !== undefined && at >= available);
    if (available === undefined || !noticed) throw new Error(`${id} was never seen available`);
    return (noticed.at - available) / 1000;
  });
}
