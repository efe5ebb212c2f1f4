import { isObject, toJson } from '../json.ts';
import { callService, metadata, type Naming } from './call.ts';
import type { Integration } from './integration.ts';

const SNS: Naming = { service: 'sns', prefix: 'SNS', general: 'AmazonSNSException', optimised: 'AmazonSNS' };

/** `sns:publish`: a Message that is not text is sent as JSON. */
export const publish: Integration = {
  resourceType: 'sns',
  resource: 'publish',
  takes: [
    'TopicArn',
    'TargetArn',
    'PhoneNumber',
    'Message',
    'Subject',
    'MessageStructure',
    'MessageAttributes',
    'MessageGroupId',
    'MessageDeduplicationId',
  ],
  async perform(attempt) {
    const { Message, ...rest } = attempt.arguments;
    const text = typeof Message === 'string' || Message === undefined ? Message : JSON.stringify(Message);
    const answer = toJson(await callService(attempt, SNS, 'Publish', { ...rest, Message: text }));
    return isObject(answer) ? { ...answer, ...metadata(attempt) } : answer;
  },
};
