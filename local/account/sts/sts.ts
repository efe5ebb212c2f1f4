import type { Account } from '../account.ts';
import type { Service } from '../service.ts';

/** STS: who is calling. AWS lets everybody ask. */
export function stsService(account: Account): Service {
  return {
    operations: {
      GetCallerIdentity: {
        access: () => [],
        run: (_, { principal }) => ({
          Account: account.id,
          Arn: principal.arn,
          UserId: principal.role ?? account.id,
        }),
      },
    },
  };
}
