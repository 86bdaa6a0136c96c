import { describe, expect, it } from 'vitest';
import { chooseBill } from '../../../agent/core/bill-choice.ts';
import type { AccountDay, TellingScope } from '../../../agent/core/bill-choice.ts';
import type { BillSource } from '../../../agent/core/bill.ts';
import type { Window } from '../../../agent/core/time.ts';
import { november, novemberDays } from '../../support/bill-world.ts';

interface Told {
  readonly source: BillSource;
  readonly days: Window;
  /** Days of November with lines of the account. */
  readonly lines: readonly number[];
  readonly fetchedAt?: number;
  readonly cloud?: 'aws' | 'azure';
  readonly account?: string;
}

/** By the letter of the scope; the one that is the account's bill on the 15th. */
function billOn15th(scopes: Readonly<Record<string, Told>>): string {
  const names = Object.keys(scopes);
  const tellers = Object.entries(scopes).map(([scope, told], id): TellingScope => {
    const { source, days, fetchedAt = november(20), cloud = 'aws' } = told;
    return { id, source, cloud, scope, spans: [{ ...days, fetchedAt }] };
  });
  const days = Object.values(scopes).flatMap(({ lines, account = 'a' }, scopeId) =>
    lines.map((day): AccountDay => ({ scopeId, account, day: november(day) })),
  );
  const id = chooseBill(tellers, days)('aws', 'a', november(15));
  return id === undefined ? 'nobody' : (names[id] ?? '');
}

const all = novemberDays(1, 25);
const cur = { source: 'aws_cur', days: all } as const;
const explorer = { source: 'aws_cost_explorer', days: all } as const;
const estimated = { source: 'aws_estimated_charges', days: all } as const;

describe('the bill of an account on a day is told by', () => {
  it.each<readonly [string, Readonly<Record<string, Told>>, string]>([
    ['nobody where nobody told anything', {}, 'nobody'],
    ['the only one with lines', { x: { ...explorer, lines: [15] } }, 'x'],
    [
      'the most detailed of those with lines',
      { x: { ...explorer, lines: [15] }, y: { ...cur, lines: [15] } },
      'y',
    ],
    [
      'the more detailed one though it has no lines that day: the account has some that month, so the day cost nothing',
      { x: { ...explorer, lines: [3] }, y: { ...estimated, lines: [15] } },
      'x',
    ],
    [
      'the same where its lines come only later in the month',
      { x: { ...explorer, lines: [24] }, y: { ...estimated, lines: [15] } },
      'x',
    ],
    [
      'the less detailed one where the other has nothing of the account all month: it may not be its payer',
      { x: { ...explorer, lines: [] }, y: { ...estimated, lines: [15] } },
      'y',
    ],
    [
      'the less detailed one where the other has lines of another account only',
      { x: { ...explorer, lines: [15], account: 'b' }, y: { ...estimated, lines: [15] } },
      'y',
    ],
    [
      'the less detailed one where the other did not tell that day',
      { x: { ...cur, days: novemberDays(1, 14), lines: [3] }, y: { ...explorer, lines: [15] } },
      'y',
    ],
    [
      'the less detailed one where the other has lines in another month only',
      {
        x: { ...cur, days: { start: november(-20), end: november(20) }, lines: [-5] },
        y: { ...explorer, lines: [15] },
      },
      'y',
    ],
    [
      'nobody of another cloud',
      { x: { ...cur, cloud: 'azure', lines: [15] }, y: { ...explorer, lines: [15] } },
      'y',
    ],
    [
      'of a payer and its own account, by the same source, the one that was fetched last',
      {
        x: { ...explorer, lines: [15], fetchedAt: november(20) },
        y: { ...explorer, lines: [15], fetchedAt: november(21) },
      },
      'y',
    ],
    [
      'of two payers in one month, the one with lines on that day, whoever was fetched last',
      {
        x: { ...explorer, lines: [10, 15], fetchedAt: november(20) },
        y: { ...explorer, lines: [20], fetchedAt: november(21) },
      },
      'x',
    ],
    [
      'of two that are alike in all that, the first by name',
      { y: { ...explorer, lines: [15] }, x: { ...explorer, lines: [15] } },
      'x',
    ],
  ])('%s', (_sentence, scopes, expected) => {
    expect(billOn15th(scopes)).toBe(expected);
  });
});
