import { describe, expect, it } from 'vitest';
import type { StoredBillLine } from '../../../agent/core/bill-store.ts';
import { dayMs } from '../../../agent/core/time.ts';
import type { MeteredDay, ReconcileInput } from '../../../agent/reconcile/inputs.ts';
import { reconcile } from '../../../agent/reconcile/reconcile.ts';
import { auditRow } from '../../../agent/reconcile/rows.ts';
import { listedRow } from '../pricing/price-rows.ts';
import {
  assumedInclusive,
  azureSol,
  billLine,
  billedTokens,
  cardOf,
  inputOf,
  meaningOf,
  meteredDay,
  october1,
  sol,
} from './days.ts';

const usual: Partial<MeteredDay> = { input: 1_000_000, output: 200_000 };
const dollars = { input: 5, output: 30 };
const cards = [cardOf(dollars)];

function audit(change: Partial<ReconcileInput>) {
  return reconcile(inputOf(change));
}

function only(change: Partial<ReconcileInput>) {
  const findings = audit(change);
  const [finding] = findings;
  if (finding === undefined || findings.length > 1) throw new Error(`${findings.length} findings`);
  return finding;
}

const inputLine = billedTokens({ input: 1_000_000 }, dollars);
const inputDay = meteredDay({ input: 1_000_000, cards });

interface Case {
  readonly says: string;
  readonly input: Partial<ReconcileInput>;
  readonly want: object;
}

const cases: readonly Case[] = [
  {
    says: 'the same tokens at the same price are in line',
    input: { metered: [inputDay], billed: inputLine },
    want: { class: 'in_line', driftTokens: 0, driftNanoUsd: 0n },
  },
  {
    says: 'a quantity counted in thousands is told in tokens',
    input: {
      metered: [inputDay],
      billed: [billLine({ quantity: '1000.0004', meaning: meaningOf({ perUnit: 1_000 }) })],
    },
    want: { class: 'in_line', billed: 1_000_000 },
  },
  {
    says: 'lines of one meter are one row',
    input: {
      metered: [inputDay],
      billed: [
        billLine({ quantity: '0.4', cost: '2' }),
        billLine({ quantity: '0.6', cost: '3', scope: 'x' }),
      ],
    },
    want: { class: 'in_line', billed: 1_000_000, billedNano: 5_000_000_000n },
  },
  {
    says: 'a day of which not all meters were read is not compared',
    input: { metered: [{ ...inputDay, whole: false, input: 10 }], billed: inputLine },
    want: { class: 'not_final' },
  },
  {
    says: 'a bill that may still change is not compared',
    input: { metered: [inputDay], billed: inputLine.map((line) => ({ ...line, final: false })) },
    want: { class: 'not_final' },
  },
  {
    says: 'a bill of an account that nobody collects is unseen traffic',
    input: { billed: billedTokens({ input: 9 }, dollars, { account: 'sub-9' }) },
    want: { class: 'unseen_traffic', metered: null, driftTokens: 9 },
  },
  {
    says: 'a bill of days before the meters were read is not compared',
    input: {
      billed: inputLine,
      reads: [
        {
          cloud: 'azure',
          account: 'sub-1',
          start: october1 + dayMs,
          end: october1 + 9 * dayMs,
        },
      ],
    },
    want: { class: 'not_final' },
  },
  {
    says: 'what was metered and is on no final bill is missing',
    input: { metered: [inputDay] },
    want: {
      class: 'missing_bill',
      meter: 'input 2026-07-01 global standard',
      driftTokens: -1_000_000,
      driftNanoUsd: -5_000_000_000n,
    },
  },
  {
    says: 'what was metered on a day that is not billed yet is not final',
    input: { metered: [inputDay], bills: [] },
    want: { class: 'not_final', driftTokens: -1_000_000 },
  },
  {
    says: 'more billed than metered is traffic of another place',
    input: { metered: [{ ...inputDay, input: 900_000 }], billed: inputLine },
    want: { class: 'unseen_traffic', driftTokens: 100_000 },
  },
  {
    says: 'two deployments of a model are billed by one meter',
    input: {
      metered: [
        { ...inputDay, input: 300_000 },
        { ...inputDay, input: 700_000 },
      ],
      billed: inputLine,
    },
    want: { class: 'in_line', metered: 1_000_000 },
  },
  {
    says: 'a model without a price is unpriced',
    input: { metered: [{ ...inputDay, cards: [] }], billed: inputLine },
    want: { class: 'unpriced', cost: null },
  },
  {
    says: 'a bill in euros without a rate keeps its currency',
    input: { metered: [inputDay], billed: inputLine.map((one) => ({ ...one, currency: 'EUR' })) },
    want: { class: 'currency', billedNano: 5_000_000_000n, billedNanoUsd: null, driftTokens: 0 },
  },
  {
    says: 'with the rate of the day it is compared in dollars',
    input: {
      metered: [inputDay],
      billed: [billLine({ currency: 'EUR', cost: '4.545454545' })],
      currencies: [
        { currency: 'EUR', nanoUsd: 900_000_000n, from: october1 - 9 * dayMs },
        { currency: 'EUR', nanoUsd: 1_100_000_000n, from: october1 },
        { currency: 'EUR', nanoUsd: 2_000_000_000n, from: october1 + dayMs },
      ],
    },
    want: { class: 'in_line', billedNanoUsd: 5_000_000_000n },
  },
  {
    says: 'a place that the bill does not tell is all of the account',
    input: {
      metered: [
        { ...inputDay, input: 400_000 },
        { ...inputDay, input: 600_000, region: 'westus' },
      ],
      billed: billedTokens({ input: 1_000_000 }, dollars, { region: '', resource: '' }),
    },
    want: { class: 'allocated', metered: 1_000_000, notes: ['many_places'] },
  },
  {
    says: 'hours of capacity are no tokens, and the tokens they pay for are not missing',
    input: {
      metered: [{ ...inputDay, tier: 'provisioned' }],
      billed: [
        billLine({
          quantity: '24',
          unit: '1 Hour',
          meaning: meaningOf({ item: 'unit_hour', tier: 'provisioned', perUnit: 1 }),
        }),
      ],
    },
    want: { class: 'no_token_meter', billed: null, item: 'unit_hour' },
  },
  {
    says: 'a cost within what the meters leave open is in line',
    input: {
      metered: [{ ...inputDay, cards: [cardOf({ input: 5 }, { input: 10 })] }],
      billed: [billLine({ cost: '7.5' })],
    },
    want: { class: 'in_line', notes: ['price_range'] },
  },
];

describe('one row', () => {
  it.each(cases.map((one) => [one.says, one] as const))('%s', (_, { input, want }) => {
    expect(only(input)).toMatchObject(want);
  });

  it('names the price that another amount fits', () => {
    const prices = [
      listedRow({ model: sol, tier: 'priority', routing: 'global', nanoUsd: 10_000_000_000n }),
      listedRow({ model: sol, tier: 'batch', routing: 'global', nanoUsd: 2_500_000_000n }),
      listedRow({ model: 'openai/gpt-5.4', tier: 'flex', nanoUsd: 10_000_000_000n }),
    ].map((one) => ({ ...one, region: '', cloud: 'azure' as const }));
    const metered = [inputDay];
    const finding = only({ metered, billed: [billLine({ cost: '10' })], prices });
    expect(finding.class).toBe('price_or_tier_differs');
    expect(auditRow(finding).explanation).toMatch(
      /^The quantity agrees; billed at \$10\.00 a million, the price taken is \$5\.00\. It fits the price of input global priority \(/,
    );
    const none = only({ metered, billed: [billLine({ cost: '7' })], prices });
    expect(auditRow(none).explanation).toContain('No known price of the model fits.');
    const less = only({ metered, billed: [billLine({ cost: '4.25' })], prices });
    expect(auditRow(less).explanation).toContain(
      'It is 15 % less, perhaps a discount that the configuration does not name.',
    );
  });

  it('belongs together where only the tier is named otherwise and quantities agree', () => {
    const billed = billedTokens({ input: 1_000_000 }, { input: 10 }, {}, { tier: 'priority' });
    const finding = only({ metered: [inputDay], billed });
    expect(finding).toMatchObject({ class: 'price_or_tier_differs', notes: ['told_differently'] });
    expect(auditRow(finding).assumption).toContain('name the version, routing or tier differently');
  });
});

describe('several meters', () => {
  it('share the metered tokens by what is billed, to the token', () => {
    const findings = audit({
      metered: [{ ...inputDay, input: 1_000_001, tier: 'unknown' }],
      billed: [
        ...billedTokens({ input: 333_333 }, dollars, { meter: 'a' }),
        ...billedTokens({ input: 666_667 }, { input: 2.5 }, { meter: 'b' }, { tier: 'batch' }),
      ],
    });
    expect(findings.map(({ metered }) => metered)).toEqual([333_333, 666_668]);
    expect(findings[0]).toMatchObject({ class: 'allocated', notes: ['by_share'] });
    expect(auditRow(findings[0]!).assumption).toContain('by what is billed');
  });

  it('a meter that names the routing has its traffic, one that names none the rest', () => {
    const findings = audit({
      metered: [
        { ...inputDay, input: 600_000 },
        { ...inputDay, input: 300_000, routing: 'geo' },
        { ...inputDay, input: 100_000, routing: 'in_region' },
      ],
      billed: [
        ...billedTokens({ input: 600_000 }, dollars, { meter: 'global' }),
        ...billedTokens({ input: 400_000 }, dollars, { meter: 'regional' }, { routing: '' }),
      ],
    });
    expect(findings.map((one) => [one.meter, one.metered, one.class])).toEqual([
      ['global', 600_000, 'in_line'],
      ['regional', 400_000, 'in_line'],
    ]);
  });

  it('split input that no meter splits as the bill does', () => {
    const findings = audit({
      metered: [
        meteredDay({
          unsplitInput: 1_000_000,
          contract: { kind: 'unsplit', cachedTakenOut: false, basis: 'assumed' },
        }),
      ],
      billed: billedTokens({ input: 300_000, cache_read: 700_000 }, azureSol),
    });
    expect(findings.map((one) => [one.item, one.class, one.metered])).toEqual([
      ['cache_read', 'allocated', 700_000],
      ['input', 'allocated', 300_000],
    ]);
  });

  it('split each tier as its own meters do', () => {
    const unsplit = (tokens: number, tier: 'standard' | 'priority') =>
      meteredDay({
        tier,
        unsplitInput: tokens,
        contract: { kind: 'unsplit', cachedTakenOut: false, basis: 'confirmed' },
      });
    const findings = audit({
      metered: [unsplit(1_000_000, 'standard'), unsplit(500_000, 'priority')],
      billed: [
        ...billedTokens({ input: 300_000, cache_read: 700_000 }, azureSol),
        ...billedTokens(
          { input: 400_000, cache_read: 100_000 },
          azureSol,
          { service: 'priority' },
          { tier: 'priority' },
        ),
      ],
    });
    expect(findings.map((one) => one.driftTokens)).toEqual([0, 0, 0, 0]);
  });

  it('a clean month has no drift above half a percent on any meter', () => {
    const month = Array.from({ length: 31 }, (_, day) => october1 + day * dayMs);
    const findings = audit({
      metered: month.map((day) =>
        meteredDay({
          day,
          ...usual,
          cacheRead: 500_000,
          contract: assumedInclusive,
          cards: [cardOf({ ...azureSol, output: 30 })],
        }),
      ),
      billed: month.flatMap((day, at) =>
        billedTokens(
          { input: 1_000_000 + at, output: 200_000, cache_read: 500_000 - at },
          { ...azureSol, output: 30 },
          { day },
        ),
      ),
    });
    expect(findings).toHaveLength(93);
    for (const finding of findings) {
      expect(finding.class).toBe('in_line');
      expect(Math.abs(auditRow(finding).drift_ratio ?? 1)).toBeLessThan(0.005);
    }
  });

  it('every bill line of another kind has its class', () => {
    const kinds = ['discount', 'credit', 'refund', 'adjustment', 'tax', 'fee', 'purchase'] as const;
    const billed = kinds.map((recordType): StoredBillLine =>
      billLine({ recordType, meter: recordType, cost: '-1', quantity: null }),
    );
    expect(audit({ billed }).map((one) => [one.meter, one.class])).toEqual([
      ['adjustment', 'adjustment'],
      ['credit', 'credit'],
      ['discount', 'discount'],
      ['fee', 'no_token_meter'],
      ['purchase', 'no_token_meter'],
      ['refund', 'refund'],
      ['tax', 'no_token_meter'],
    ]);
  });
});
