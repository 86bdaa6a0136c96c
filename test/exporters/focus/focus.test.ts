import { gunzipSync } from 'node:zlib';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ChargePage } from '../../../agent/core/charge.ts';
import { focusFormatOf } from '../../../agent/core/focus.ts';
import { decimalText, exactOf, sumOfDecimals } from '../../../agent/core/decimal-sum.ts';
import { isoUtc } from '../../../agent/core/time.ts';
import { focusColumns } from '../../../exporters/focus/columns.ts';
import { focusBytes } from '../../../exporters/focus/focus.ts';
import { isProduct } from '../../support/focus-rules.ts';
import { csvRows, focusFile, focusLedger, pagesOf } from '../../support/focus-world.ts';
import type { FileRow } from '../../support/focus-world.ts';

let pages: readonly ChargePage[];
let rows: readonly FileRow[];

beforeAll(async () => {
  const ledger = await focusLedger();
  pages = await pagesOf(ledger);
  rows = csvRows((await focusFile(pages, 'x.csv')).toString());
  ledger.close();
});

const costs = ['BilledCost', 'ContractedCost', 'EffectiveCost', 'ListCost'] as const;

describe('a FOCUS file', () => {
  it('has costs that are quantity times unit price to the last digit', () => {
    for (const row of rows) {
      const { PricingQuantity, ListUnitPrice, ContractedUnitPrice } = row;
      const { ListCost = null, ContractedCost = null } = row;
      expect(isProduct(PricingQuantity ?? null, ListUnitPrice ?? null, ListCost)).toBe(true);
      expect(isProduct(PricingQuantity ?? null, ContractedUnitPrice ?? null, ContractedCost)).toBe(
        true,
      );
    }
    expect(rows.filter(({ PricingQuantity }) => PricingQuantity !== null).length).toBeGreaterThan(
      40,
    );
  });

  it('counts tokens, and prices them by the million', () => {
    const tokens = rows.filter(({ ConsumedUnit }) => ConsumedUnit === 'Tokens');
    for (const { ConsumedQuantity, PricingQuantity, PricingUnit } of tokens) {
      expect(PricingUnit).toBe('1000000 Tokens');
      const consumed = exactOf(ConsumedQuantity ?? '');
      expect(consumed?.scale).toBe(0);
      expect(PricingQuantity).toBe(decimalText({ digits: consumed?.digits ?? 0n, scale: 6 }));
    }
  });

  it('says of every cost that it is an estimate, and between what it lies', () => {
    for (const row of rows) {
      expect(row['x_CostSource']).toBe('estimated');
      if (row['ChargeCategory'] !== 'Usage') continue;
      const [low, cost, high] = ['x_CostLow', 'EffectiveCost', 'x_CostHigh'].map((name) =>
        Number(row[name]),
      );
      expect(low).toBeLessThanOrEqual(cost ?? NaN);
      expect(cost).toBeLessThanOrEqual(high ?? NaN);
    }
    expect(new Set(rows.map((row) => row['x_CostMethod']))).toEqual(
      new Set(['list', 'range', 'provisioned', 'rounding']),
    );
  });

  it('tells a list price that a discount leaves higher than the contracted one', () => {
    const discounted = rows.filter(
      (row) => Number(row['ListUnitPrice']) > Number(row['ContractedUnitPrice']),
    );
    expect(discounted.length).toBeGreaterThan(0);
    for (const row of discounted) {
      expect(row['BillingAccountId']).toBe('444455556666');
      expect(Number(row['ListCost'])).toBeGreaterThan(Number(row['EffectiveCost']));
    }
  });

  it('has rows of provisioned capacity, used and idle, that are its unit-hours', () => {
    const capacity = rows.filter(
      (row) => row['PricingUnit'] === 'Hours' && row['ResourceName'] === 'reserved',
    );
    expect(capacity).toHaveLength(2);
    expect(new Set(capacity.map((row) => row['x_CapacityLine']))).toEqual(
      new Set(['idle', 'used']),
    );
    expect(new Set(capacity.map((row) => row['ListUnitPrice']))).toEqual(new Set(['39.6']));
  });

  it('names what is sold, and keeps our keys out of FOCUS', () => {
    for (const row of rows) {
      for (const text of [row['SkuPriceDetails']]) {
        const keys = Object.keys(JSON.parse(text ?? '{}') as object);
        expect(keys.filter((key) => !key.startsWith('x_'))).toEqual([]);
      }
    }
    const meters = new Set(rows.map(({ SkuMeter }) => SkuMeter));
    expect(meters).toContain('Cache Read Input Tokens');
    expect(meters).toContain('Output Tokens');
  });

  it('is the same rows as CSV, as Parquet and either of them zipped', async () => {
    const [csv, parquet] = [await focusFile(pages, 'x.csv'), await focusFile(pages, 'x.parquet')];
    expect(gunzipSync(await focusFile(pages, 'x.csv.gz'))).toEqual(csv);
    expect(gunzipSync(await focusFile(pages, 'x.parquet.gz'))).toEqual(parquet);
    const columns = new Map(focusColumns('1.2').map((column) => [column.name, column]));
    const bytes = new Uint8Array(parquet).buffer;
    const read = await parquetReadObjects({
      file: bytes,
      // Decimals as they stand there, not as the nearest number.
      metadata: withoutDecimals(parquetMetadata(bytes)),
    });
    expect(read.map((row) => texts(row, columns))).toEqual(rows);
  });

  it('differs between versions in who sells alone', async () => {
    const newer = csvRows((await focusFile(pages, 'x.csv', '1.4')).toString());
    const [before, after] = [rows, newer].map((all) => Object.keys(all[0] ?? {}));
    expect(before?.filter((name) => after?.includes(name) === false)).toEqual([
      'ProviderName',
      'PublisherName',
    ]);
    expect(after?.filter((name) => before?.includes(name) === false)).toEqual([
      'HostProviderName',
      'ServiceProviderName',
    ]);
    expect(new Set(newer.map((row) => row['HostProviderName']))).toEqual(
      new Set(['Amazon Web Services', 'Microsoft']),
    );
    for (const name of costs) {
      expect(newer.map((row) => row[name])).toEqual(rows.map((row) => row[name]));
    }
  });

  it('has the columns of FOCUS by name, then ours', () => {
    const names = focusColumns('1.2').map(({ name }) => name);
    const own = names.filter((name) => name.startsWith('x_'));
    expect(names).toEqual([...names.filter((name) => !own.includes(name)).toSorted(), ...own]);
  });

  it('has a head where there is nothing to tell', async () => {
    const empty = (await focusFile([], 'x.csv')).toString();
    expect(empty).toBe(
      `${focusColumns('1.2')
        .map(({ name }) => name)
        .join(',')}\r\n`,
    );
    const parquet = new Uint8Array(await focusFile([], 'x.parquet')).buffer;
    expect(parquetMetadata(parquet).num_rows).toBe(0n);
  });

  it('quotes what would break a line, and changes nothing of it', async () => {
    const [page] = pages;
    const [charge] = page?.charges ?? [];
    if (page === undefined || charge === undefined) throw new Error('no charge');
    const deployment = '=1+1,"two"\r\nlines';
    const of = { ...charge.of, deployment, tags: { 'cost,"centre"': '7' } };
    const text = (await focusFile([{ ...page, charges: [{ ...charge, of }] }], 'x.csv')).toString();
    const [row] = csvRows(text);
    expect(row?.['x_Deployment']).toBe(deployment);
    expect(JSON.parse(row?.['Tags'] ?? '')).toEqual({ 'cost,"centre"': '7' });
  });

  it.each(['x.csv', 'x.parquet', 'x.csv.gz'])(
    'as %s hands on what its source throws',
    async (name) => {
      const format = focusFormatOf(name);
      if (format === undefined) throw new Error(name);
      const failing = (async function* (): AsyncGenerator<ChargePage, void> {
        yield* pages;
        throw new Error('the disk is gone');
      })();
      const all = async () => {
        const chunks = focusBytes(failing, { version: '1.2', format, createdBy: 'test' });
        for await (const _ of chunks);
      };
      await expect(all()).rejects.toThrow('the disk is gone');
    },
  );

  it.each(['x.csv', 'x.parquet', 'x.csv.gz', 'x.parquet.gz'])(
    'as %s stops its source when nobody reads on',
    async (name) => {
      const format = focusFormatOf(name);
      if (format === undefined) throw new Error(name);
      let stopped = false;
      const [page] = pages;
      const endless = (async function* (): AsyncGenerator<ChargePage, void> {
        try {
          for (;;) if (page !== undefined) yield page;
        } finally {
          stopped = true;
        }
      })();
      const chunks = focusBytes(endless, { version: '1.2', format, createdBy: 'test' });
      for await (const _ of chunks) break;
      await new Promise((resolve) => void setImmediate(resolve));
      expect(stopped).toBe(true);
    },
  );

  it('adds up by decimals', () => {
    const sum = sumOfDecimals(rows.map((row) => row['EffectiveCost'] ?? ''));
    expect(exactOf(sum ?? '')?.scale).toBeLessThanOrEqual(9);
  });
});

type Columns = ReadonlyMap<string, ReturnType<typeof focusColumns>[number]>;

/** As CSV says it. */
function texts(row: Record<string, unknown>, columns: Columns): FileRow {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      const column = columns.get(name);
      if (value === null || value === undefined) return [name, null];
      if (value instanceof Date) return [name, isoUtc(value.getTime()).replace('.000Z', 'Z')];
      if (value instanceof Uint8Array && column?.type === 'decimal') {
        return [name, decimalText({ digits: signed(value), scale: column.scale })];
      }
      return [name, typeof value === 'string' ? value : JSON.stringify(value)];
    }),
  );
}

function signed(bytes: Uint8Array): bigint {
  const unsigned = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return BigInt.asIntN(bytes.length * 8, unsigned);
}

function withoutDecimals(metadata: ReturnType<typeof parquetMetadata>) {
  const schema = metadata.schema.map((element) => {
    if (element.converted_type !== 'DECIMAL') return element;
    const { converted_type: _, logical_type: __, ...plain } = element;
    return plain;
  });
  return { ...metadata, schema };
}
