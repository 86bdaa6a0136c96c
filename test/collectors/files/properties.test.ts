import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addExact, decimalText, exactOf, exactZero } from '../../../agent/core/decimal-sum.ts';
import type { BillLine } from '../../../agent/core/bill.ts';
import { billFile, csvText, curRow, readBills } from '../../support/bill-files.ts';
import type { Cells } from '../../support/bill-files.ts';

const amount = fc
  .tuple(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.integer({ min: 0, max: 12 }))
  .map(([digits, scale]) => decimalText({ digits: BigInt(digits), scale }));

const row: fc.Arbitrary<Cells> = fc
  .record({
    line_item_usage_start_date: fc
      .integer({ min: 0, max: 71 })
      .map((hour) => new Date(Date.UTC(2026, 9, 5) + hour * 3_600_000).toISOString()),
    line_item_usage_account_id: fc.constantFrom('1', '2'),
    line_item_usage_type: fc.constantFrom('input', 'output'),
    line_item_line_item_type: fc.constantFrom('Usage', 'Credit', 'Tax'),
    line_item_product_code: fc.constantFrom('AmazonBedrock', 'AmazonEC2'),
    line_item_currency_code: fc.constantFrom('USD', 'EUR'),
    line_item_unblended_cost: amount,
    line_item_usage_amount: amount,
  })
  .map(curRow);

async function linesOf(rows: readonly Cells[]): Promise<readonly BillLine[]> {
  const { statements } = await readBills(billFile(csvText(rows)));
  return statements.flatMap(({ statement }) => statement.lines);
}

/** By a way of its own: all amounts of twelve digits' fraction at most, as one integer. */
function totalOf(costs: readonly string[]): bigint {
  return costs.reduce((sum, cost) => {
    const { digits, scale } = exactOf(cost) ?? exactZero;
    return sum + digits * 10n ** BigInt(12 - scale);
  }, 0n);
}

it('the order of rows changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc
        .array(row, { minLength: 1, maxLength: 20 })
        .chain((rows) =>
          fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })),
        ),
      async ([rows, shuffled]) => {
        expect(await linesOf(shuffled)).toEqual(await linesOf(rows));
      },
    ),
    { numRuns: 25 },
  );
});

it('no cent is lost or made, and every line stands for itself', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (rows) => {
      const lines = await linesOf(rows);
      const kept = rows.filter(({ line_item_product_code: code }) => code === 'AmazonBedrock');
      for (const currency of ['USD', 'EUR']) {
        const of = kept.filter((one) => one['line_item_currency_code'] === currency);
        expect(
          totalOf(lines.filter((line) => line.currency === currency).map(({ cost }) => cost)),
        ).toBe(totalOf(of.map((one) => one['line_item_unblended_cost'] ?? '')));
      }
      const keys = lines.map((line) =>
        [line.day, line.account, line.meter, line.recordType, line.currency, line.unit].join(),
      );
      expect(new Set(keys).size).toBe(keys.length);
    }),
    { numRuns: 25 },
  );
});

it('rows of one hour and of one day add up to the same', async () => {
  const hours = Array.from({ length: 24 }, (_, hour) =>
    curRow({
      line_item_usage_start_date: new Date(Date.UTC(2026, 9, 5, hour)).toISOString(),
      line_item_unblended_cost: '0.1',
      line_item_usage_amount: '0.7',
    }),
  );
  const [line, ...more] = await linesOf(hours);
  expect(more).toEqual([]);
  expect([line?.cost, line?.quantity]).toEqual(['2.4', '16.8']);
  expect(addExact(exactZero, exactOf('2.40') ?? exactZero)).toEqual({ digits: 240n, scale: 2 });
});
