import { createHash } from 'node:crypto';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import * as v from 'valibot';
import { drillFacts, drillResult } from '../../shared/drillFacts.ts';
import { drillSettings } from '../../shared/drillSettings.ts';
import { evidenceKey, evidenceOf } from '../../shared/evidence.ts';
import { executionSteps, readHistory } from '../../shared/executionSteps.ts';
import { task } from '../../shared/task.ts';

/**
 * Writes the evidence of a drill to the locked bucket, with its own SHA-256 in the object's metadata. Repeating it adds
 * a version.
 */
export const writeEvidence = task({
  name: 'WriteEvidence',
  input: v.object({ run: drillSettings, facts: drillFacts, result: drillResult }),
  output: v.object({ bucket: v.string(), key: v.string(), sha256: v.string() }),
  aws: (settings) => ({ s3: new S3Client(settings), sfn: new SFNClient(settings) }),
  run: async ({ run, facts, result }, { aws, config }) => {
    const steps = executionSteps(await readHistory(aws.sfn, run.executionArn));
    const text = `${JSON.stringify(evidenceOf(run, facts, result, steps, config), null, 2)}\n`;
    const hash = createHash('sha256').update(text).digest();
    const place = { bucket: config.evidenceBucket, key: evidenceKey(run) };
    const sha256 = hash.toString('hex');
    await aws.s3.send(
      new PutObjectCommand({
        Bucket: place.bucket,
        Key: place.key,
        Body: text,
        ContentType: 'application/json',
        Metadata: { sha256 },
        // A bucket under Object Lock takes nothing without a checksum.
        ChecksumSHA256: hash.toString('base64'),
      }),
    );
    return { ...place, sha256 };
  },
});
