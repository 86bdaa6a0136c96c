import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, test } from 'vitest';
import type { ImportedStatement } from '../../../agent/core/bill-file.ts';
import { isoUtc } from '../../../agent/core/time.ts';
import {
  billFile,
  billFixture,
  csvText,
  curRow,
  focusRow,
  lineText,
  readBills,
} from '../../support/bill-files.ts';
import type { Cells } from '../../support/bill-files.ts';

function spanText({ statement }: ImportedStatement): string {
  const { source, cloud, scope, days, finalUntil } = statement;
  const [from, to, final] = [days.start, days.end, finalUntil].map((at) => isoUtc(at).slice(0, 10));
  return `${source} ${cloud} ${scope} ${from} ${to} final until ${final}`;
}

async function one(...rows: readonly Cells[]): Promise<ImportedStatement> {
  const { statements } = await readBills(billFile(csvText(rows)));
  const [statement] = statements;
  if (statement === undefined || statements.length > 1) throw new Error('expected one statement');
  return statement;
}

describe('a CUR 2.0 file', () => {
  it('is added up by day and meter, exactly, models only', async () => {
    const bills = await readBills(billFixture('cur2.csv'));
    const [imported] = bills.statements;
    expect(bills.statements.map(spanText)).toEqual([
      'aws_cur aws 111122223333 2026-10-01 2026-11-01 final until 2026-11-01',
    ]);
    expect(imported?.statement.lines.map(lineText)).toEqual([
      '2026-10-01 444455556666 us-east-1 | Amazon Bedrock |  | tax – | 0.61 USD, amortized 0.61',
      '2026-10-01 444455556666 us-east-1 | Amazon Bedrock | USE1-NovaPro-input-tokens | credit – | -0.5 USD, amortized -0.5',
      '2026-10-01 444455556666 us-east-1 | Amazon Bedrock | USE1-NovaPro-input-tokens | refund – | -0.25 USD, amortized -0.25',
      '2026-10-05 444455556666 us-east-1 | Amazon Bedrock | USE1-NovaPro-input-tokens | discount – | -0.09604 USD, amortized -0.09604',
      '2026-10-05 444455556666 us-east-1 | Amazon Bedrock | USE1-NovaPro-input-tokens | usage 1200.6 1K tokens | 0.96048 USD, amortized 0.96048',
      '2026-10-05 444455556666 us-east-1 | Amazon Bedrock | USE1-NovaPro-output-tokens | usage 0.2 1K tokens | 0.00064 USD, amortized 0.00064',
      '2026-10-05 444455556666 us-east-1 | Claude Sonnet 4.5 (Amazon Bedrock Edition) | USE1-MP:USE1_InputTokenCount_Global-Units | usage 0.75 Units | 2.25 USD, amortized 2.25',
      '2026-10-06 444455556666 us-east-1 | Amazon Bedrock | USE1-NovaPro-input-tokens | usage 0.2 1K tokens | 0.00016 USD, amortized 0.00016',
      '2026-10-07 444455556666 us-east-1 | Amazon Bedrock | USE1-NovaPro-output-tokens | discount – | -0.032 USD, amortized 0',
      '2026-10-07 444455556666 us-east-1 | Amazon Bedrock | USE1-NovaPro-output-tokens | usage 10 1K tokens | 0.032 USD, amortized 0.02',
    ]);
    expect(imported).toMatchObject({ rows: 11, moved: 1 });
    expect(isoUtc(imported?.lastCharge ?? 0)).toBe('2026-10-31T23:00:00.000Z');
    expect(bills).toMatchObject({ read: 13, kept: 11 });
    expect(bills.leftOut).toEqual([
      { reason: 'other_service', name: 'AmazonEC2', rows: 1 },
      { reason: 'other_service', name: 'AmazonS3', rows: 1 },
    ]);
  });

  const types: readonly (readonly [sentence: string, change: Cells, expected: string])[] = [
    [
      'usage that a reservation covers costs its share of the reservation',
      { line_item_line_item_type: 'DiscountedUsage', reservation_effective_cost: '0.5' },
      'usage amortized 0.5',
    ],
    [
      'without the column of it nobody tells that share',
      { line_item_line_item_type: 'DiscountedUsage' },
      'usage amortized –',
    ],
    [
      'of a savings plan’s fee what was not used is left',
      {
        line_item_line_item_type: 'SavingsPlanRecurringFee',
        savings_plan_total_commitment_to_date: '10.5',
        savings_plan_used_commitment: '10.25',
      },
      'purchase amortized 0.25',
    ],
    [
      'of a reservation’s fee what was not used is left',
      {
        line_item_line_item_type: 'RIFee',
        reservation_unused_amortized_upfront_fee_for_billing_period: '1',
        reservation_unused_recurring_fee: '0.5',
      },
      'purchase amortized 1.5',
    ],
    [
      'a fee of a reservation is a purchase that is spread over its use',
      { line_item_line_item_type: 'Fee', reservation_reservation_a_r_n: 'arn' },
      'purchase amortized 0',
    ],
    ['any other fee is a fee', { line_item_line_item_type: 'Fee' }, 'fee amortized 0.008'],
    [
      'every contract’s discount is one',
      { line_item_line_item_type: 'PrivateRateDiscount' },
      'discount amortized 0.008',
    ],
    [
      'a type that nobody knows is an adjustment, and its money is not lost',
      { line_item_line_item_type: 'OutOfCycle' },
      'adjustment amortized 0.008',
    ],
  ];
  test.each(types)('%s', async (_sentence, change, expected) => {
    const [line] = (await one(curRow(change))).statement.lines;
    expect(`${line?.recordType} amortized ${line?.amortizedCost ?? '–'}`).toBe(expected);
  });

  const services: readonly (readonly [sentence: string, change: Cells, service: string])[] = [
    [
      'the map as JSON',
      { product: '{"product_name":"Claude Opus 4.8 (Amazon Bedrock Edition)"}' },
      'Claude Opus 4.8 (Amazon Bedrock Edition)',
    ],
    [
      'the map as Athena writes it',
      { product: '{a=1, product_name=Claude, Opus (Amazon Bedrock Edition), region=x}' },
      'Claude, Opus (Amazon Bedrock Edition)',
    ],
    [
      'a column of its own, as a query may select it',
      { product_product_name: 'Cohere Rerank (Amazon Bedrock Edition)' },
      'Cohere Rerank (Amazon Bedrock Edition)',
    ],
  ];
  test.each(services)('a marketplace model is told by %s', async (_how, change, service) => {
    const row = curRow({ line_item_product_code: '6xaexample', ...change });
    const [line] = (await one(row)).statement.lines;
    expect(line?.service).toBe(service);
  });
});

describe('a FOCUS file', () => {
  it('of Microsoft counts in its prices’ units, by the Azure account, Claude included', async () => {
    const bills = await readBills(billFixture('focus-azure.csv'));
    expect(bills.statements.map(spanText)).toEqual([
      'focus azure /providers/Microsoft.Billing/billingAccounts/1234567 2026-10-01 2026-11-01 final until 2026-11-01',
    ]);
    expect(bills.statements[0]?.statement.lines.map(lineText)).toEqual([
      '2026-10-01 00000000-0000-0000-0000-000000000001 swedencentral aoai-east | Foundry Models | GPT 5 Inp glbl 1M Tokens | adjustment – | -1.1 EUR, amortized -1.1',
      '2026-10-05 00000000-0000-0000-0000-000000000001 swedencentral aoai-east | Foundry Models | GPT 5 Inp glbl 1M Tokens | usage 2.500001 1M | 2.917860000000000001 EUR, amortized 2.917860000000000001',
      '2026-10-06 00000000-0000-0000-0000-000000000001 swedencentral aoai-east | Foundry Models | GPT 5 Outp glbl 1M Tokens | usage 0.25 1M | 2.2 EUR, amortized 2.2',
      '2026-10-06 00000000-0000-0000-0000-000000000001 swedencentral claude | SaaS | Claude Consumption Unit | usage 3 1 | 0.03 EUR, amortized 0.03',
    ]);
    expect(bills.leftOut).toEqual([{ reason: 'other_service', name: 'Virtual Machines', rows: 1 }]);
  });

  it('of AWS names usage types, and an account of its own has no sub-account', async () => {
    const row = focusRow({
      ProviderName: 'AWS',
      ServiceName: 'Amazon Bedrock',
      RegionId: 'us-east-1',
      SubAccountId: '',
      BillingAccountId: '111122223333',
      PricingUnit: '',
      x_UsageType: 'USE1-NovaPro-input-tokens',
      x_ServiceCode: 'AmazonBedrock',
    });
    expect((await one(row)).statement.lines.map(lineText)).toEqual([
      '2026-10-05 111122223333 us-east-1 | Amazon Bedrock | USE1-NovaPro-input-tokens | usage 1500000 Tokens | 1.5 USD, amortized 1.25',
    ]);
  });

  it('of version 1.3 and later says who sells in another column', async () => {
    const { ProviderName, ...rest } = focusRow();
    const { statement } = await one({ ...rest, ServiceProviderName: ProviderName ?? '' });
    expect(statement.cloud).toBe('azure');
  });

  test.each(['focus-1.2-virtual-currency.csv', 'focus-1.5-third-party-model.csv'])(
    '%s is of another provider and nothing of it is kept',
    async (name) => {
      const { statements, read, kept, leftOut } = await readBills(billFixture(name));
      expect({ statements, kept }).toEqual({ statements: [], kept: 0 });
      expect(leftOut.map(({ reason, rows }) => `${reason} ${rows}`)).toEqual([
        `other_provider ${read}`,
      ]);
    },
  );
});

describe('the same rows', () => {
  const forms: readonly (readonly [form: string, name: string, path: () => string])[] = [
    ['gzipped', 'cur2.csv', () => gzipped('cur2.csv')],
    ['as Parquet', 'cur2.csv', () => billFixture('cur2.snappy.parquet')],
    ['gzipped', 'focus-azure.csv', () => gzipped('focus-azure.csv')],
    ['as Parquet in Zstandard', 'focus-azure.csv', () => billFixture('focus-azure.zstd.parquet')],
    ['as Parquet with INT96', 'focus-azure.csv', () => billFixture('focus-azure.gzip.parquet')],
    ['as Parquet, pages 2.0', 'focus-azure.csv', () => billFixture('focus-azure.brotli.parquet')],
  ];
  function gzipped(name: string): string {
    return billFile(gzipSync(readFileSync(billFixture(name))), 'no-name-that-tells');
  }

  test.each(forms)('%s say what %s says', async (_form, name, path) => {
    const { files: _files, ...expected } = await readBills(billFixture(name));
    const { files, ...found } = await readBills(path());
    expect(found).toEqual(expected);
    expect(files).toHaveLength(1);
  });

  it('in two parts are one statement', async () => {
    const rows = [curRow(), curRow({ line_item_usage_amount: '5' }), curRow()];
    const whole = await readBills(billFile(csvText(rows)));
    const parts = [rows.slice(0, 1), rows.slice(1)].map((some) => billFile(csvText(some)));
    const { files, ...together } = await readBills(parts);
    expect({ ...together, files: whole.files }).toEqual(whole);
    expect(files.map(({ rows: count }) => count)).toEqual([1, 2]);
  });
});

describe('the days of a statement', () => {
  it('are the whole period once it is over, one statement an account and month', async () => {
    const september = {
      bill_billing_period_start_date: '2026-09-01',
      bill_billing_period_end_date: '2026-10-01',
      line_item_usage_start_date: '2026-09-30 23:00:00',
    };
    const { statements } = await readBills(
      billFile(
        csvText([
          curRow(),
          curRow(september),
          curRow({ bill_payer_account_id: '999900001111', line_item_product_code: 'AmazonEC2' }),
        ]),
      ),
    );
    expect(statements.map(spanText)).toEqual([
      'aws_cur aws 111122223333 2026-09-01 2026-10-01 final until 2026-09-01',
      'aws_cur aws 111122223333 2026-10-01 2026-11-01 final until 2026-10-01',
      'aws_cur aws 999900001111 2026-10-01 2026-11-01 final until 2026-10-01',
    ]);
    expect(statements.map(({ statement }) => statement.lines.length)).toEqual([1, 1, 0]);
  });

  it('end with the last charge of any service while it goes on: the rest is not billed yet', async () => {
    const now = Date.UTC(2026, 9, 20);
    const last = curRow({
      line_item_product_code: 'AmazonEC2',
      line_item_usage_start_date: '2026-10-18T07:00:00Z',
    });
    const { statements } = await readBills(billFile(csvText([curRow(), last])), { now });
    expect(statements.map(spanText)).toEqual([
      'aws_cur aws 111122223333 2026-10-01 2026-10-19 final until 2026-10-01',
    ]);
  });

  it('are not final while one row is on no invoice', async () => {
    const invoiced = curRow({ bill_invoice_id: '42' });
    expect(spanText(await one(invoiced, invoiced))).toContain('final until 2026-11-01');
    expect(spanText(await one(invoiced, curRow()))).toContain('final until 2026-10-01');
  });

  it('are UTC’s, whatever offset the file writes', async () => {
    const late = focusRow({ ChargePeriodStart: '2026-10-06T01:30:00+02:00' });
    const [line] = (await one(late)).statement.lines;
    expect(isoUtc(line?.day ?? 0)).toBe('2026-10-05T00:00:00.000Z');
  });
});
