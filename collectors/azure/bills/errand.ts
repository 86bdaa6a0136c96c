import type { Errand } from '../transport.ts';

export const costRole = 'Cost Management Reader';
export const costOperation = 'Microsoft.CostManagement/query/read';

/** Asking for the costs of a subscription. */
export function costErrand(scope: string, subscription: string): Errand {
  return {
    operation: costOperation,
    subject: `subscription ${subscription}`,
    role: `${costRole} on subscription ${subscription}`,
    scope,
    subscription,
  };
}
