/** As much of the framework's objects as our plugins touch. */
export interface Serverless {
  serviceDir: string;
  /** Error: what the person has to mend. */
  classes: { Error: new (message: string) => Error };
  service: {
    service: string;
    /** policies: the stage's policy file, below the service's directory. keyArn: of a given key, or what refers to ours. */
    custom: { policies: string; keyArn?: string | object };
    provider: { tags?: Record<string, string>; compiledCloudFormationTemplate: Template };
    getAllFunctions(): string[];
    getFunction(name: string): { handler: string };
  };
  getProvider(name: 'aws'): { getStage(): string; getRegion(): string };
}

/** The CloudFormation template as it is being made. */
export interface Template {
  Resources: Record<string, { Type: string; Properties: object }>;
}
