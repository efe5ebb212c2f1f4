import { S3Client } from '@aws-sdk/client-s3';
import { paginateListCommands, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import * as v from 'valibot';
import { isNamed } from '../../shared/awsErrors.ts';
import { CommandFailed, InvalidInput } from '../../shared/errors.ts';
import { instant } from '../../shared/instant.ts';
import { stagedObject, transferParameters } from '../../shared/presignedUrls.ts';
import { instanceId, runId } from '../../shared/recoveryPoint.ts';
import { task } from '../../shared/task.ts';

/**
 * Seconds for the agent to take a command up, the least grace that checkCommand's callers give it. What was not taken
 * up by then never runs: a freeze that nobody waits for any more would hold an instance's writes for nothing.
 */
const DELIVERY = 300;
const SIGNED_FOR = 900; // seconds that a URL outlives the command: delivery to a busy agent takes its time

/**
 * Sends one of this stack's documents, or an application's own, to one instance. Repeating it finds the command that was sent before, by its
 * comment `<runId>/<step>`. @throws CommandFailed when the instance is not managed by Systems Manager.
 */
export const sendCommand = task({
  name: 'SendCommand',
  input: v.object({
    runId,
    step: v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,40}$/)),
    instanceId,
    /** One of this stack's documents, by its own part of the name. */
    document: v.optional(v.pipe(v.string(), v.regex(/^[a-z-]+$/))),
    /** Name or ARN of a document of the user's; the role may send only those tagged as allowed. */
    applicationDocument: v.optional(v.pipe(v.string(), v.minLength(3))),
    parameters: v.optional(v.record(v.string(), v.string()), {}),
    upload: v.optional(stagedObject),
    download: v.optional(stagedObject),
    timeoutSeconds: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(172_800)),
  }),
  output: v.object({ commandId: v.string(), sentAt: instant }),
  aws: (settings) => ({ ssm: new SSMClient(settings), s3: new S3Client(settings) }),
  run: async (input, { aws, now, config }) => {
    const comment = `${input.runId}/${input.step}`;
    const sent = { sentAt: now().toISOString() };
    for await (const page of paginateListCommands({ client: aws.ssm }, { InstanceId: input.instanceId })) {
      const earlier = page.Commands?.find((command) => command.Comment === comment);
      if (earlier?.CommandId) return { ...sent, commandId: earlier.CommandId };
    }
    const own = input.document && `${config.documentPrefix}-${input.document}`;
    const DocumentName = own ?? input.applicationDocument;
    if (!DocumentName) throw new InvalidInput('SendCommand: document: there is none to send');
    const validSeconds = input.timeoutSeconds + SIGNED_FOR;
    const parameters = { ...input.parameters, ...(await transferParameters(aws.s3, input, validSeconds)) };
    const lists = Object.entries(parameters).map(([name, value]) => [name, [value]]);
    const request = new SendCommandCommand({
      InstanceIds: [input.instanceId],
      DocumentName,
      Comment: comment,
      TimeoutSeconds: DELIVERY,
      Parameters: {
        ...Object.fromEntries(lists),
        // an application's document has parameters of its own
        ...(own && { executionTimeout: [String(input.timeoutSeconds)] }),
      },
    });
    try {
      const { Command } = await aws.ssm.send(request);
      return { ...sent, commandId: Command?.CommandId ?? '' };
    } catch (error) {
      if (!isNamed(error, 'InvalidInstanceId')) throw error;
      throw new CommandFailed(`${input.step}: ${input.instanceId} is not online in Systems Manager`);
    }
  },
});
