import * as z from 'zod';
import type { Charge } from './charges.ts';

const fields = {
  SERVICE: 'service',
  USAGE_TYPE: 'usageType',
  LINKED_ACCOUNT: 'account',
  RECORD_TYPE: 'recordType',
} as const satisfies Readonly<Record<string, keyof Charge>>;
export type ChargeKey = keyof typeof fields;

/** Of Cost Explorer's expressions those on dimensions; tags and categories are not emulated. */
export interface Expression {
  readonly Dimensions?: { readonly Key: ChargeKey; readonly Values: readonly string[] } | undefined;
  readonly And?: readonly Expression[] | undefined;
  readonly Or?: readonly Expression[] | undefined;
  readonly Not?: Expression | undefined;
}

export const expression: z.ZodType<Expression> = z.lazy(() =>
  z.strictObject({
    Dimensions: z
      .object({
        Key: z.enum(['SERVICE', 'USAGE_TYPE', 'LINKED_ACCOUNT', 'RECORD_TYPE']),
        Values: z.array(z.string()),
      })
      .optional(),
    And: z.array(expression).min(2).optional(),
    Or: z.array(expression).min(2).optional(),
    Not: expression.optional(),
  }),
);

export function valueOf(charge: Charge, key: ChargeKey): string {
  return charge[fields[key]];
}

/** https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_Expression.html */
export function matches(charge: Charge, filter: Expression | undefined): boolean {
  const { Dimensions, And = [], Or, Not } = filter ?? {};
  return (
    (Dimensions === undefined || Dimensions.Values.includes(valueOf(charge, Dimensions.Key))) &&
    And.every((part) => matches(charge, part)) &&
    (Or === undefined || Or.some((part) => matches(charge, part))) &&
    (Not === undefined || !matches(charge, Not))
  );
}
