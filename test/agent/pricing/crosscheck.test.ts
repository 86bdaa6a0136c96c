import { beforeAll, describe, expect, it } from 'vitest';
import { canonicalOf } from '../../../agent/normalize/canonical-of.ts';
import { defaultBook } from '../../../agent/pricing/genai/default-prices.ts';
import { compare, rules } from './crosscheck.ts';
import type { Comparison } from './crosscheck.ts';
import { crosscheckPage } from './crosscheck-page.ts';
import { litellmEntries } from './litellm.ts';
import { reportAt } from './report.ts';

const report = reportAt(new URL('./CROSSCHECK.md', import.meta.url));

describe("the default prices beside LiteLLM's", () => {
  let all: readonly Comparison[] = [];
  beforeAll(async () => {
    all = compare(await defaultBook(canonicalOf), litellmEntries());
  });

  it('differ for a reason that a rule knows, wherever they differ', () => {
    const unexplained = all.filter(({ reason }) => reason === 'unexplained');
    expect(unexplained.map(({ entry, item }) => `${entry.id} ${item}`)).toEqual([]);
  });

  it('leave no rule without a case', () => {
    const used = new Set(all.map(({ reason }) => reason));
    expect(rules.map(({ reason }) => reason).filter((reason) => !used.has(reason))).toEqual([]);
  });

  it('are as the committed page says', () => {
    const page = crosscheckPage(all);
    if (process.env['UPDATE_PRICES'] === '1') report.write(page);
    expect(report.committed(), 'CROSSCHECK.md; UPDATE_PRICES=1 writes it anew').toBe(page);
  });
});
