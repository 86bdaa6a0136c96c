import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, test } from 'vitest';
import {
  billFile,
  billFixture,
  csvText,
  curRow,
  focusRow,
  readBills,
} from '../../support/bill-files.ts';
import type { Cells } from '../../support/bill-files.ts';

/** What reading says instead of a statement. */
async function refusal(path: string | readonly string[]): Promise<string> {
  const outcome: unknown = await readBills(path).catch((error: unknown) => error);
  if (!(outcome instanceof Error)) throw new Error('it was read');
  expect(outcome.name).toBe('BillFileError');
  return outcome.message;
}

type BadRow = readonly [sentence: string, row: Cells, says: string];

const badRows: readonly BadRow[] = [
  [
    'an estimate of our own export',
    focusRow({ x_CostSource: 'estimated' }),
    'column x_CostSource: "estimated" is no bill but an estimate',
  ],
  [
    'a cost that is no number',
    curRow({ line_item_unblended_cost: 'n/a' }),
    'column line_item_unblended_cost: "n/a" is no number',
  ],
  [
    'a cost with a decimal comma',
    focusRow({ BilledCost: '1,5' }),
    'column BilledCost: "1,5" is no number with a decimal point',
  ],
  ['no cost at all', focusRow({ BilledCost: '' }), 'column BilledCost: "" is no number'],
  [
    'a quantity that is no number',
    curRow({ line_item_usage_amount: '1e999' }),
    'column line_item_usage_amount: "1e999" is no number',
  ],
  [
    'an amortized cost that is no number',
    focusRow({ EffectiveCost: '-' }),
    'column EffectiveCost: "-" is no number',
  ],
  [
    'a day that no calendar has',
    curRow({ line_item_usage_start_date: '2026-10-32T00:00:00Z' }),
    'column line_item_usage_start_date: "2026-10-32T00:00:00Z" is no date',
  ],
  [
    'a day of February that this year does not have',
    curRow({ bill_billing_period_start_date: '2026-02-29' }),
    'column bill_billing_period_start_date: "2026-02-29" is no date',
  ],
  ['no date', focusRow({ ChargePeriodStart: '' }), 'column ChargePeriodStart: "" is no date'],
  [
    'a date that a spreadsheet wrote',
    focusRow({ BillingPeriodStart: '10/1/26' }),
    'is a date as spreadsheets write it, and whether day or month comes first nobody can tell. Import the file as the cloud exported it',
  ],
  [
    'an hour before its billing period',
    curRow({ line_item_usage_start_date: '2026-09-30T23:00:00Z' }),
    'lies outside of the billing period 2026-10-01 – 2026-11-01',
  ],
  [
    'an hour after its billing period',
    focusRow({ ChargePeriodStart: '2026-11-01T00:00:00Z' }),
    'column ChargePeriodStart: "2026-11-01T00:00:00Z" lies outside of the billing period',
  ],
  [
    'a period that ends before it starts',
    focusRow({ BillingPeriodEnd: '2026-09-01T00:00:00Z' }),
    'column BillingPeriodEnd: "2026-09-01T00:00:00Z" ends no billing period',
  ],
  [
    'a period of a year',
    focusRow({ BillingPeriodEnd: '2027-10-01T00:00:00Z' }),
    'ends no billing period of one day to three months',
  ],
  [
    'a currency in small letters',
    curRow({ line_item_currency_code: 'usd' }),
    'column line_item_currency_code: "usd" is no currency of ISO 4217 such as USD',
  ],
  [
    'a currency that is none',
    focusRow({ BillingCurrency: 'TOKEN' }),
    'column BillingCurrency: "TOKEN" is no currency',
  ],
  [
    'a charge category that FOCUS does not have',
    focusRow({ ChargeCategory: 'Fun' }),
    'column ChargeCategory: "Fun" is none of Usage, Purchase, Tax, Credit, Adjustment',
  ],
  [
    'no type of line item',
    curRow({ line_item_line_item_type: '' }),
    'column line_item_line_item_type: "" is not there',
  ],
  [
    'no billing account',
    focusRow({ BillingAccountId: '' }),
    'column BillingAccountId: "" is not there',
  ],
  [
    'no account that used it',
    curRow({ line_item_usage_account_id: '' }),
    'column line_item_usage_account_id: "" is not there',
  ],
];

describe('a row with', () => {
  test.each(badRows)(
    '%s is told with its line, its column and what stands there',
    async (...of) => {
      const [, row, says] = of;
      const blank = Object.fromEntries(Object.keys(row).map((column) => [column, '']));
      const good = { ...blank, ...('BilledCost' in row ? focusRow() : curRow()) };
      const message = await refusal(billFile(csvText([good, good, row]), 'october.csv'));
      expect(message).toContain('october.csv, line 4, column ');
      expect(message).toContain(says);
      expect(message).toMatch(/nothing was written\.$/);
    },
  );

  it('a long value full of control characters is cut and cleaned', async () => {
    const long = `\u001B[2J${'x'.repeat(500)}`;
    const message = await refusal(billFile(csvText([focusRow({ BilledCost: long })])));
    expect(message.length).toBeLessThan(250);
    expect(message).not.toContain('\u001B');
  });

  it('a number that is none is told by its row where the file is Parquet', async () => {
    expect(await refusal(billFixture('focus-not-a-number.parquet'))).toContain(
      'focus-not-a-number.parquet, row 6, column BilledCost: "NaN" is no number',
    );
  });

  it('another end of the same period is told', async () => {
    const rows = [focusRow(), focusRow({ BillingPeriodEnd: '2026-10-31T00:00:00Z' })];
    expect(await refusal(billFile(csvText(rows)))).toContain(
      'line 3, column BillingPeriodEnd: "2026-10-31T00:00:00Z" ends a period that ends otherwise',
    );
  });
});

const october = csvText([curRow()]);

describe('a file', () => {
  it('that is empty is refused', async () => {
    expect(await refusal(billFile(''))).toContain('bills.csv: the file is empty');
  });

  const headers: readonly (readonly [
    sentence: string,
    columns: readonly string[],
    says: string,
  ])[] = [
    [
      'FOCUS without two of its columns names the two',
      Object.keys(focusRow()).filter((name) => !/^Bill(?:edCost|ingCurrency)$/.test(name)),
      'The nearest is FOCUS, of which it misses BilledCost, BillingCurrency. Export',
    ],
    [
      'FOCUS that does not say who sells names every column that would do',
      Object.keys(focusRow()).filter((name) => name !== 'ProviderName'),
      'it misses ProviderName or ServiceProviderName or HostProviderName or InvoiceIssuerName or PublisherName',
    ],
    [
      'CUR 2.0 without one of its columns names it',
      Object.keys(curRow()).filter((name) => name !== 'line_item_currency_code'),
      'The nearest is AWS CUR 2.0, of which it misses line_item_currency_code. Export',
    ],
    [
      'a legacy CUR says what to export instead',
      ['identity/LineItemId', 'lineItem/UsageStartDate', 'lineItem/UnblendedCost'],
      'It is a legacy AWS CUR: create a CUR 2.0 or FOCUS export under Data Exports',
    ],
    [
      'an actual cost export of Azure says what to export instead',
      ['date', 'costInBillingCurrency', 'meterId'],
      "It is Azure's own cost export: create one of the dataset FOCUS",
    ],
    [
      'columns between semicolons says so',
      [Object.keys(focusRow()).join(';')],
      'Its columns are separated by something else than commas',
    ],
    [
      'a column that stands there twice says which',
      [...Object.keys(focusRow()), 'BilledCost'],
      'column BilledCost stands there twice',
    ],
  ];
  test.each(headers)('of %s', async (_sentence, columns, says) => {
    expect(await refusal(billFile(`${columns.join(',')}\n`))).toContain(says);
  });

  const broken: readonly (readonly [
    sentence: string,
    content: () => string | Uint8Array,
    says: string,
  ])[] = [
    [
      'cut inside its last row',
      () => october.slice(0, -60),
      'line 2: the row has more or fewer fields than the header, as where a file is cut short',
    ],
    [
      'cut inside quotes',
      () => `${october}"2026-10-01`,
      'the file ends inside a quoted field, as where it is cut short',
    ],
    [
      'with a quote that is not doubled',
      () => `${october}"2026"x,\n`,
      'line 3: a quote stands inside a quoted field and is not doubled',
    ],
    [
      'with a quote that is never closed',
      () => `${october}"${'x,\n'.repeat(1_500_000)}`,
      'a row is longer than 4 MB, as where a quote is never closed',
    ],
    [
      'whose gzip is cut',
      () => gzipSync(october).subarray(0, -20),
      'the gzip file ends in the middle of its compressed data',
    ],
    [
      'whose gzip is damaged',
      () => gzipSync(october).fill(0xff, 20, 60),
      'the gzip file is damaged',
    ],
    ['packed by zip', () => 'PK\u0003\u0004rest', 'a zip archive or a workbook. Unpack it'],
    [
      'written as UTF-16',
      () => Buffer.from(`\uFEFF${october}`, 'utf16le'),
      'text in UTF-16. Import the file as the cloud exported it',
    ],
    [
      'of Parquet that is cut',
      () => readFileSync(billFixture('cur2.snappy.parquet')).subarray(0, 9_000),
      'not readable as Parquet (parquet file invalid (footer != PAR1))',
    ],
    [
      'of Parquet that lost its middle',
      () => {
        const whole = readFileSync(billFixture('cur2.snappy.parquet'));
        return Buffer.concat([whole.subarray(0, 4), whole.subarray(6_000)]);
      },
      'not readable as Parquet',
    ],
  ];
  test.each(broken)('%s is refused', async (_sentence, content, says) => {
    const message = await refusal(billFile(content()));
    expect(message).toContain(says);
  });

  it('that is not there is named', async () => {
    expect(await refusal('/nowhere/bills.csv')).toMatch(
      /^\/nowhere\/bills\.csv: ENOENT.*Name a file that this user may read\.$/,
    );
  });

  it('that is a folder is told', async () => {
    expect(await refusal('/')).toContain('not a file. Name the files in it');
  });

  it('whose periods share days is refused: nobody could tell which one bills them', async () => {
    const overlapping = focusRow({
      BillingPeriodStart: '2026-10-15T00:00:00Z',
      BillingPeriodEnd: '2026-11-15T00:00:00Z',
      ChargePeriodStart: '2026-10-20T00:00:00Z',
    });
    expect(await refusal(billFile(csvText([focusRow(), overlapping])))).toContain(
      'billing account 1234567: the billing periods 2026-10-01 – 2026-11-01 and 2026-10-15 – 2026-11-15 share days',
    );
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const path = billFile(csvText(Array.from({ length: 20_000 }, () => curRow())));
    const stopped = readBills(path, { signal: stop.signal, progress: () => stop.abort() });
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
  });
});
