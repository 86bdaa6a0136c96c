import type { Cloud } from '../core/cloud.ts';
import type { Grant, Permission } from '../core/permission.ts';
import { grouped } from './grouped.ts';

/** One block to paste: an IAM policy, or commands of `az`. */
export interface GrantBlock {
  /** Whom it is for, in words. */
  readonly title: string;
  readonly text: string;
}

/** What gives every right that is missing and can be given, and nothing else. */
export function grantBlocks(
  cloud: Cloud,
  permissions: readonly Permission[],
): readonly GrantBlock[] {
  const missing = permissions.flatMap(({ account, grant }) =>
    grant === undefined ? [] : [{ account, ...grant }],
  );
  if (missing.length === 0) return [];
  return cloud === 'aws' ? policies(missing) : [roleAssignments(missing)];
}

interface MissingGrant extends Grant {
  readonly account: string;
}

/** One policy an identity: rights on a role to assume are of the agent's own identity, whatever account they lead to. */
function policies(missing: readonly MissingGrant[]): readonly GrantBlock[] {
  const byIdentity = grouped(missing, ({ to }) => to);
  return Array.from(byIdentity, ([to, grants]) => {
    const byResource = grouped(grants, ({ on }) => on);
    const Statement = Array.from(byResource, ([Resource, some]) => ({
      Effect: 'Allow',
      Action: [...new Set(some.map(({ right }) => right))].toSorted(),
      Resource,
    }));
    return {
      title: `IAM policy for ${to === '' ? "the agent's own identity" : to}`,
      text: JSON.stringify({ Version: '2012-10-17', Statement }, null, 2),
    };
  });
}

/** What a whole subscription is granted, its accounts need not be granted again. */
function roleAssignments(missing: readonly MissingGrant[]): GrantBlock {
  const needed = missing.filter(
    (one) =>
      !missing.some((wider) => wider.right === one.right && one.on.startsWith(`${wider.on}/`)),
  );
  const lines = needed.map(
    ({ right, to, on }) =>
      `az role assignment create --assignee ${to === '' ? unnamed : to} --role "${right}" --scope "${on}"`,
  );
  const text = [...new Set(lines)].join('\n');
  const explained = text.includes(unnamed)
    ? ` (${unnamed} is the object id of the identity the agent signs in with)`
    : '';
  return { title: `Azure roles${explained}`, text };
}

const unnamed = 'OBJECT_ID';
