/** Stands for the SDK's chain of credential providers in a bundle (slimBundles.ts): the role's keys that Lambda sets. */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
