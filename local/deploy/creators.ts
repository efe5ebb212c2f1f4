import { document, lambdaFunction, parameter, stateMachine } from './creators/code.ts';
import { eventRule } from './creators/events.ts';
import { instanceProfile, role } from './creators/identity.ts';
import {
  gatewayEndpoint,
  routeTable,
  routeTableAssociation,
  securityGroup,
  subnet,
  vpc,
} from './creators/network.ts';
import { queue, queuePolicy, schedule, scheduleGroup } from './creators/schedules.ts';
import { bucket, bucketPolicy, key, table, topic, topicPolicy } from './creators/storage.ts';
import { autoScalingGroup, fileSystem, launchTemplate, mountTarget } from './creators/worker.ts';
import { arn, type Creator, generatedName } from './stack.ts';

/** A resource that nothing here asks for: it has its name and its ARN, and does nothing. */
function inert(nameProperty: string, service: string, prefix: string): Creator {
  return (stack, id, properties) => {
    const name = String(properties[nameProperty] ?? generatedName(stack, id));
    return { ref: name, attributes: { Arn: arn(stack, service, `${prefix}${name}`) } };
  };
}

/** Every type of resource that a template may hold. */
export const CREATORS: Record<string, Creator> = {
  'AWS::AutoScaling::AutoScalingGroup': autoScalingGroup,

  'AWS::DynamoDB::Table': table,
  'AWS::EC2::LaunchTemplate': launchTemplate,
  'AWS::EC2::RouteTable': routeTable,
  'AWS::EC2::SecurityGroup': securityGroup,
  'AWS::EC2::Subnet': subnet,
  'AWS::EC2::SubnetRouteTableAssociation': routeTableAssociation,
  'AWS::EC2::VPC': vpc,
  'AWS::EC2::VPCEndpoint': gatewayEndpoint,
  'AWS::EFS::FileSystem': fileSystem,
  'AWS::EFS::MountTarget': mountTarget,
  'AWS::Events::Rule': eventRule,
  'AWS::IAM::InstanceProfile': instanceProfile,
  'AWS::IAM::Role': role,
  'AWS::KMS::Alias': inert('AliasName', 'kms', ''),
  'AWS::KMS::Key': key,
  'AWS::Lambda::Function': lambdaFunction,
  'AWS::Logs::LogGroup': inert('LogGroupName', 'logs', 'log-group:'),
  'AWS::S3::Bucket': bucket,
  'AWS::S3::BucketPolicy': bucketPolicy,
  'AWS::SQS::Queue': queue,
  'AWS::SQS::QueuePolicy': queuePolicy,
  'AWS::Scheduler::Schedule': schedule,
  'AWS::Scheduler::ScheduleGroup': scheduleGroup,
  'AWS::SNS::Topic': topic,
  'AWS::SNS::TopicPolicy': topicPolicy,
  'AWS::SSM::Document': document,
  'AWS::SSM::Parameter': parameter,
  'AWS::StepFunctions::StateMachine': stateMachine,
};
