import { beforeAll, describe, expect, it } from 'vitest';
import { applicable, checkRules, focusRules } from '../../support/focus-rules.ts';
import { csvRows, focusFile, focusLedger, pagesOf } from '../../support/focus-world.ts';
import type { FileRow } from '../../support/focus-world.ts';

let byDay: readonly FileRow[];
let byHour: readonly FileRow[];

beforeAll(async () => {
  const ledger = await focusLedger();
  const rowsOf = async (step: 'hour' | 'day') =>
    csvRows((await focusFile(await pagesOf(ledger, step), 'x.csv')).toString());
  byDay = await rowsOf('day');
  byHour = await rowsOf('hour');
  ledger.close();
});

describe("the validator's rules for FOCUS 1.2", () => {
  it.each([
    ['hour', () => byHour],
    ['day', () => byDay],
  ])('hold for every row of a file by the %s', (_, rowsOf) => {
    const rows = rowsOf();
    expect(rows.length).toBeGreaterThan(40);
    const { failures, checked } = checkRules(focusRules(), rows);
    expect(failures).toEqual([]);
    expect(checked.size).toBeGreaterThan(150);
  });

  it('are all looked at but those of columns that do not apply', () => {
    const { checked } = checkRules(focusRules(), byDay);
    const missed = focusRules()
      .filter(({ requirement }) => requirement.CheckFunction !== 'AND')
      .filter(({ id, keyword }) => !checked.has(id) && keyword !== 'MAY')
      .filter(({ applies }) => applies.every((one) => applicable.includes(one)));
    expect([...new Set(missed.map(({ reference }) => reference))].toSorted())
      .toMatchInlineSnapshot(`
      [
        "AvailabilityZone",
        "BillingAccountType",
        "CapacityReservationId",
        "CapacityReservationStatus",
        "CommitmentDiscountCategory",
        "CommitmentDiscountId",
        "CommitmentDiscountName",
        "CommitmentDiscountQuantity",
        "CommitmentDiscountStatus",
        "CommitmentDiscountType",
        "CommitmentDiscountUnit",
        "InvoiceId",
        "PricingCurrency",
        "PricingCurrencyContractedUnitPrice",
        "PricingCurrencyEffectiveCost",
        "PricingCurrencyListUnitPrice",
        "SubAccountType",
      ]
    `);
  });

  it.each<[string, string, FileRow]>([
    ['a cost that is no product', 'ListCost-C-009-C', { ListCost: '1.23' }],
    ['a number with commas', 'BilledCost-C-002-M', { BilledCost: '1,234.5' }],
    ['a sign in an exponent', 'BilledCost-C-002-M', { BilledCost: '1E+5' }],
    ['a time without a zone', 'ChargePeriodStart-C-002-M', { ChargePeriodStart: '2026-11-10' }],
    ['a category of our own', 'ServiceCategory-C-003-M', { ServiceCategory: 'Tokens' }],
    ['usage without a unit price', 'ListUnitPrice-C-005-C', { ListUnitPrice: null }],
    ['a price without its SKU', 'SkuPriceDetails-C-004-C', { SkuPriceId: null }],
    ['no service', 'ServiceName-C-003-M', { ServiceName: null }],
    ['a currency of nobody', 'BillingCurrency-C-006-M', { BillingCurrency: 'TOK' }],
    ['tags that are a list', 'Tags-C-001-M', { Tags: '["a"]' }],
  ])('are broken by %s', (_, id, change) => {
    const broken = byDay.map((row) =>
      row['ChargeCategory'] === 'Usage' ? { ...row, ...change } : row,
    );
    const { failures } = checkRules(focusRules(), broken);
    expect(failures.map((failure) => failure.id)).toContain(id);
  });

  it('are broken by a file without a column that must be there', () => {
    const rows = byDay.map(({ ProviderName: _gone, ...row }) => row);
    const { failures } = checkRules(focusRules(), rows);
    expect(failures.map(({ id }) => id)).toContain('CostAndUsage-D-038-M');
  });
});
