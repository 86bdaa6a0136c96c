import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StoredBillLine } from '../../../agent/core/bill-store.ts';
import { recordTypes } from '../../../agent/core/bill.ts';
import { tokenItems } from '../../../agent/core/price.ts';
import { dayMs } from '../../../agent/core/time.ts';
import { allocate } from '../../../agent/reconcile/allocate.ts';
import { nearest } from '../../../agent/reconcile/decimals.ts';
import { toUsd } from '../../../agent/core/money.ts';
import { pendingOf, unexplainedOf } from '../../../agent/reconcile/finding.ts';
import type { Finding } from '../../../agent/reconcile/finding.ts';
import type { MeteredDay } from '../../../agent/reconcile/inputs.ts';
import { linked } from '../../../agent/reconcile/linked.ts';
import { reconcile } from '../../../agent/reconcile/reconcile.ts';
import { auditRow } from '../../../agent/reconcile/rows.ts';
import { auditSummary } from '../../../agent/reconcile/summary.ts';
import {
  assumedInclusive,
  azureSol,
  billLine,
  cardOf,
  confirmedExclusive,
  inputOf,
  meaningOf,
  meteredDay,
  october1,
} from './days.ts';

const tokens = fc.option(fc.integer({ min: 0, max: 5_000 }), { nil: null });
const anyDay = fc.integer({ min: 0, max: 2 }).map((at) => october1 + at * dayMs);
const region = fc.constantFrom('eastus', 'westus');
const tier = fc.constantFrom('standard', 'batch', 'unknown', 'provisioned');

const anyMetered: fc.Arbitrary<MeteredDay> = fc
  .record({
    day: anyDay,
    region,
    tier,
    whole: fc.boolean(),
    input: tokens,
    cacheRead: tokens,
    cacheWrite: tokens,
    output: tokens,
    unsplitInput: tokens,
    contract: fc.constantFrom(assumedInclusive, confirmedExclusive),
    cards: fc.constantFrom([], [cardOf({ ...azureSol, output: 30 })]),
  })
  .map((change) => meteredDay(change));

const anyLine: fc.Arbitrary<StoredBillLine> = fc
  .record({
    day: anyDay,
    region: fc.constantFrom('eastus', 'westus', 'uksouth', ''),
    final: fc.boolean(),
    meter: fc.constantFrom('a', 'b'),
    quantity: fc.option(
      fc.integer({ min: 0, max: 5_000 }).map((count) => String(count / 1_000)),
      { nil: null },
    ),
    cost: fc.integer({ min: -9_999, max: 99_999 }).map((count) => String(count / 1_000)),
    currency: fc.constantFrom('USD', 'EUR'),
    recordType: fc.constantFrom('usage' as const, 'usage' as const, ...recordTypes),
    meaning: fc.oneof(
      fc.constantFrom('not_tokens' as const, 'unknown_name' as const),
      fc
        .record({
          item: fc.constantFrom(...tokenItems, 'unit_hour' as const),
          tier: fc.constantFrom('standard' as const, 'batch' as const),
          band: fc.constantFrom('any' as const, 'long' as const),
        })
        .map((change) => meaningOf({ ...change, perUnit: 1_000 })),
    ),
  })
  .map((change) => billLine(change));

const anyInput = fc.record({
  metered: fc.array(anyMetered, { maxLength: 8 }),
  billed: fc.array(anyLine, { maxLength: 8 }),
});

function sum(values: readonly (number | null)[]): number {
  return values.reduce((all: number, value) => all + (value ?? 0), 0);
}

function total(values: readonly (bigint | null)[]): bigint {
  return values.reduce((all: bigint, value) => all + (value ?? 0n), 0n);
}

describe('reconcile', () => {
  it('puts every metered token into one row, and every billed amount too', () => {
    fc.assert(
      fc.property(anyInput, ({ metered, billed }) => {
        const findings = reconcile(inputOf({ metered, billed }));
        const own = metered.filter((one) => one.tier !== 'provisioned');
        expect(sum(findings.map((one) => one.metered))).toBe(
          sum(
            own.flatMap((one) => [
              one.input,
              one.cacheRead,
              one.cacheWrite,
              one.output,
              one.unsplitInput,
            ]),
          ),
        );
        for (const currency of ['USD', 'EUR']) {
          expect(
            total(findings.flatMap((one) => (one.currency === currency ? [one.billedNano] : []))),
          ).toBe(
            total(
              billed.flatMap((one) => (one.currency === currency ? [nearest(one.cost, 9)] : [])),
            ),
          );
        }
      }),
    );
  });

  it('explains, leaves open or leaves unexplained every billed dollar, and never more', () => {
    fc.assert(
      fc.property(anyInput, ({ metered, billed }) => {
        for (const finding of reconcile(inputOf({ metered, billed }))) {
          const unexplained = unexplainedOf(finding);
          const most = finding.billedNanoUsd ?? 0n;
          expect(unexplained >= 0n && unexplained <= (most > 0n ? most : 0n)).toBe(true);
          expect(pendingOf(finding) === 0n || unexplained === 0n).toBe(true);
          const row = auditRow(finding);
          expect(row.assumption).not.toBe('');
          expect(row.explanation).toMatch(/\.$/);
        }
      }),
    );
  });

  it('says of days that are reconciled one by one what it says of all together', () => {
    fc.assert(
      fc.property(anyInput, ({ metered, billed }) => {
        const days = [0, 1, 2].map((at) => october1 + at * dayMs);
        const own = <One extends { readonly day: number }>(all: readonly One[], day: number) =>
          all.filter((one) => one.day === day);
        const apart = days.map((day) =>
          reconcile(inputOf({ metered: own(metered, day), billed: own(billed, day) })),
        );
        expect(apart.flat()).toEqual(reconcile(inputOf({ metered, billed })));
      }),
    );
  });

  it('adds the summaries of days up to what their findings come to', () => {
    fc.assert(
      fc.property(anyInput, ({ metered, billed }) => {
        const findings = reconcile(inputOf({ metered, billed }));
        const summary = auditSummary(findings, { start: october1, end: october1 + 3 * dayMs });
        const usd = (of: (finding: Finding) => bigint | null) => toUsd(total(findings.map(of)));
        expect(summary.total).toMatchObject({
          billed_usd: usd((one) => one.billedNanoUsd),
          unexplained_usd: usd(unexplainedOf),
          pending_usd: usd(pendingOf),
        });
        expect(sum(summary.classes.map(({ rows }) => rows))).toBe(findings.length);
        const sizes = findings
          .map((one) =>
            one.class === 'missing_bill' ? -(one.driftNanoUsd ?? 0n) : unexplainedOf(one),
          )
          .map((size, at) => ({ size, at }))
          .filter(({ size }) => size > 0n)
          .toSorted((a, b) => (a.size === b.size ? a.at - b.at : a.size > b.size ? -1 : 1));
        expect(summary.largest).toEqual(
          sizes.slice(0, 20).flatMap(({ at }) => findings.slice(at, at + 1).map(auditRow)),
        );
      }),
    );
  });

  it('accuses nobody of a day that is not final or not read whole', () => {
    fc.assert(
      fc.property(anyInput, ({ metered, billed }) => {
        const findings = reconcile(
          inputOf({ metered, billed: billed.map((line) => ({ ...line, final: false })) }),
        );
        const accused = findings.filter((one) => one.billed !== null && one.class !== 'not_final');
        expect(accused).toEqual([]);
      }),
    );
  });
});

describe('allocate', () => {
  it('gives whole parts that add up and are off by less than one from their share', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 1e12 }),
        fc.array(fc.nat({ max: 1e9 }), { minLength: 1, maxLength: 9 }),
        (whole, weights) => {
          const parts = allocate(whole, weights);
          expect(parts.reduce((all, part) => all + part, 0)).toBe(whole);
          const all = weights.reduce((a, b) => a + b, 0);
          if (all === 0) return;
          for (const [at, part] of parts.entries()) {
            expect(Math.abs(part - (whole * (weights[at] ?? 0)) / all)).toBeLessThan(1.01);
          }
        },
      ),
    );
  });
});

describe('linked', () => {
  it('keeps everything once, and what fits together in one group', () => {
    const some = fc.array(fc.nat({ max: 9 }), { maxLength: 8 });
    fc.assert(
      fc.property(some, some, (left, right) => {
        const lefts = left.map((value, id) => ({ value, id }));
        const rights = right.map((value, id) => ({ value, id }));
        const fits = (a: { value: number }, b: { value: number }) =>
          Math.abs(a.value - b.value) < 2;
        const groups = linked(lefts, rights, fits);
        expect(groups.flatMap((group) => group.left)).toHaveLength(left.length);
        expect(groups.flatMap((group) => group.right)).toHaveLength(right.length);
        for (const [at, group] of groups.entries()) {
          for (const one of group.left) {
            const away = groups.filter((_, other) => other !== at).flatMap((g) => g.right);
            expect(away.some((other) => fits(one, other))).toBe(false);
          }
        }
      }),
    );
  });
});
