import type { BillReader } from '../core/bill-store.ts';
import type { IdentityRow } from '../core/store.ts';
import { dayMs, floorTo } from '../core/time.ts';
import type { Instant } from '../core/time.ts';
import { queryBilled } from './billed.ts';
import type { BilledRow } from './billed.ts';

/**
 * What was billed for the models of a figure on its whole UTC day, in their accounts and resources: a bill tells neither
 * minutes nor, mostly, deployments. `no_bills`: none is in the ledger. `not_told`: none tells that day, or the asker may
 * not see whole accounts.
 */
export interface ExplainedBill {
  readonly state: 'no_bills' | 'not_told' | 'provisional' | 'final';
  readonly explanation: string;
  readonly lines: readonly BilledRow[];
}

const mostLines = 1_000;

const held = 'the audit (/api/v1/audit) holds the whole day against the meters';

/** @param isLimited whether the asker sees only a part of what an account was used for */
export async function billedSaid(
  reader: Pick<BillReader, 'bills' | 'billedDays'>,
  members: readonly IdentityRow[],
  at: Instant,
  isLimited: boolean,
): Promise<ExplainedBill> {
  const day = floorTo(at, dayMs);
  const days = await reader.billedDays();
  if (days.length === 0) {
    const explanation =
      'No bill is in the ledger: the cost is what the meters say at the prices named here. `collect: [usage, bills]` brings ' +
      'bills in, `import` takes files.';
    return { state: 'no_bills', explanation, lines: [] };
  }
  if (isLimited) {
    const explanation = 'A bill is one of whole accounts, of which this token may see a part only.';
    return { state: 'not_told', explanation, lines: [] };
  }
  const unique = (valueOf: (one: IdentityRow) => string) => [...new Set(members.map(valueOf))];
  const lines = await queryBilled(reader, {
    range: { start: day, end: day + dayMs },
    filters: {
      cloud: unique(({ cloud }) => cloud),
      account: unique(({ account }) => account),
      resource: ['', ...unique(({ resource }) => resource)],
      model: unique(({ model }) => model),
    },
    sources: [],
    maxRows: mostLines,
  });
  if (lines.length === 0) {
    const explanation = `No bill tells these models on that day, which may be too new; ${held}.`;
    return { state: 'not_told', explanation, lines };
  }
  const isFinal = lines.every(({ final }) => final);
  const changes = isFinal ? '' : ' It may still change.';
  return {
    state: isFinal ? 'final' : 'provisional',
    explanation: `The bill of the whole UTC day, of which this figure is a part; ${held}.${changes}`,
    lines,
  };
}
