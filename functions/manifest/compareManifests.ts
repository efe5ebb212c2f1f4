import { S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { comparisonFacts } from '../../shared/drillFacts.ts';
import { compareManifests as compare, compareNonce } from '../../shared/manifestComparison.ts';
import { fetchManifest, objectLocation } from '../../shared/manifestObject.ts';
import { task } from '../../shared/task.ts';

/**
 * Compares the manifest of what is there (`actual`) with the one of what must be (`expected`), entry by entry, and
 * looks for the backup's nonce when one is given. Differences are data: the verdict is the judge's.
 * @throws ManifestInvalid when one of them is missing, truncated or not a manifest.
 */
export const compareManifests = task({
  name: 'CompareManifests',
  input: v.object({
    expected: objectLocation,
    actual: objectLocation,
    nonce: v.optional(
      v.object({
        value: v.pipe(v.string(), v.minLength(1)),
        paths: v.pipe(v.array(v.pipe(v.string(), v.startsWith('/'))), v.minLength(1)),
      }),
    ),
  }),
  output: comparisonFacts,
  aws: (settings) => ({ s3: new S3Client(settings) }),
  run: async ({ expected, actual, nonce }, { aws, now }) => {
    const was = await fetchManifest(aws.s3, expected);
    const is = await fetchManifest(aws.s3, actual);
    return {
      ...compare(was.manifest, is.manifest),
      ...(nonce ? { nonce: compareNonce(is.manifest, nonce.paths, nonce.value) } : {}),
      comparedAt: now().toISOString(),
    };
  },
});
