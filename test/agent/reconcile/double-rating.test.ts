import { describe, expect, it } from 'vitest';
import { dayMs } from '../../../agent/core/time.ts';
import type { StoredBillLine } from '../../../agent/core/bill-store.ts';
import type { InputContract, MeteredDay } from '../../../agent/reconcile/inputs.ts';
import { reconcile } from '../../../agent/reconcile/reconcile.ts';
import { auditRow } from '../../../agent/reconcile/rows.ts';
import { auditSummary } from '../../../agent/reconcile/summary.ts';
import {
  assumedInclusive,
  azureSol,
  bedrockSol,
  billedTokens,
  cardOf,
  confirmedExclusive,
  confirmedInclusive,
  inputOf,
  october1,
  rawDay,
} from './days.ts';

/** Tokens of a day: what the input meter itself said, and the cache meters. */
interface Day {
  readonly input: number;
  readonly read: number;
  readonly write: number;
}

/**
 * A deployment of GPT-5.6 Sol, Global Standard, over 19 days: all input at the input price and cached tokens again came
 * to about $10,461, where about $1,967 was expected. https://github.com/Azure/azure-rest-api-specs/issues/45178
 */
const azureDays: readonly Day[] = Array.from({ length: 19 }, (_, day) => {
  // Uneven, and in all 1,807,320,000 tokens of input, 1,598,800,000 of them read and 100,000,000 written.
  const weight = day === 18 ? 19 - 18 * (17 / 18) : 17 / 18;
  return {
    input: Math.round((1_807_320_000 / 19) * weight),
    read: Math.round((1_598_800_000 / 19) * weight),
    write: Math.round((100_000_000 / 19) * weight),
  };
});

/** Two turns of Converse with openai.gpt-5.6-sol. https://github.com/badlogic/pi-mono/issues/8752 */
const bedrockTurns: Day = { input: 8_369 + 12_401, read: 8_367, write: 8_367 + 4_032 };

const bedrock = {
  cloud: 'aws',
  account: '111122223333',
  resource: '',
  region: 'us-east-1',
} as const;

function azureMonth(contract: InputContract) {
  return findingsOf(
    azureDays.map((day, at) => rawDay(day, contract, { day: october1 + at * dayMs })),
    azureDays.flatMap((day, at) => rated(day, azureSol, { day: october1 + at * dayMs })),
  );
}

/** A bill that rates all input, and cached tokens again. */
function rated({ input, read, write }: Day, dollars: typeof azureSol, at: Partial<StoredBillLine>) {
  return billedTokens({ input, cache_read: read, cache_write: write }, dollars, at);
}

function findingsOf(metered: readonly MeteredDay[], billed: readonly StoredBillLine[]) {
  return reconcile(inputOf({ metered, billed }));
}

function dollarsOf(nanos: readonly (bigint | null)[]): number {
  return Number(nanos.reduce((sum: bigint, nano) => sum + (nano ?? 0n), 0n)) / 1e9;
}

const span = { start: october1, end: october1 + 19 * dayMs };

describe('the report about Azure', () => {
  const findings = azureMonth(confirmedInclusive);

  it('is rebuilt: rated $10,461, expected $1,967', () => {
    expect(dollarsOf(findings.map((one) => one.billedNanoUsd))).toBeCloseTo(10_461, 0);
    expect(dollarsOf(findings.map((one) => one.cost?.best ?? null))).toBeCloseTo(1_967, 0);
  });

  it('is found on each day by itself, with its excess in dollars', () => {
    const twice = findings.filter((one) => one.class === 'cached_rated_twice');
    expect(twice.map(({ item }) => item)).toEqual(azureDays.map(() => 'input'));
    expect(dollarsOf(twice.map(({ excessNano }) => excessNano))).toBeCloseTo(8_494, 0);
    expect(dollarsOf(twice.map(({ driftNanoUsd }) => driftNanoUsd))).toBeCloseTo(8_494, 0);
    const [day] = azureDays;
    const alone = findingsOf(
      [rawDay(day ?? bedrockTurns, confirmedInclusive)],
      rated(day ?? bedrockTurns, azureSol, {}),
    );
    expect(alone.map((one) => one.class)).toEqual(['in_line', 'in_line', 'cached_rated_twice']);
  });

  it('says what it takes to hold, and by what figures', () => {
    const row = auditRow(findings.find(({ item }) => item === 'input') ?? findings[0]!);
    expect(row.assumption).toBe(
      'the input meter counts cached tokens too (as the configuration says)',
    );
    expect(row.explanation).toMatch(
      /^Over the model's day [\d,]+ input tokens are billed, the input meter itself says [\d,]+, and [\d,]+ cached tokens are billed beside them\. \$[\d,.]+ of this line is for cached tokens/,
    );
  });

  it('heads the summary', () => {
    const summary = auditSummary(findings, span);
    expect(summary.headline).toBe(
      '2026-10-01 to 2026-10-19: $10,461 billed, 18.8 % explained, $8,494 not',
    );
    expect(summary.classes[0]).toMatchObject({ class: 'cached_rated_twice', rows: 19 });
    expect(summary.models).toMatchObject([
      { model: 'openai/gpt-5.6-sol', cloud: 'azure', class: 'cached_rated_twice', days: 19 },
    ]);
  });
});

describe('the report about Bedrock', () => {
  const metered = (contract: InputContract) =>
    rawDay(bedrockTurns, contract, {
      ...bedrock,
      cards: [cardOf(bedrockSol)],
      routing: 'in_region',
    });
  const billed = rated(bedrockTurns, bedrockSol, bedrock).map((line) => ({
    ...line,
    meaning:
      typeof line.meaning === 'string'
        ? line.meaning
        : { ...line.meaning, routing: 'in_region' as const },
  }));

  it('is found on the first final day', () => {
    const findings = findingsOf([metered(confirmedInclusive)], billed);
    const input = findings.find(({ item }) => item === 'input');
    expect(input).toMatchObject({ class: 'cached_rated_twice', metered: 4, billed: 20_770 });
    // 20,766 cached tokens at $5.50 a million.
    expect(input?.excessNano).toBe(114_213_000n);
    expect(findings.filter(({ class: name }) => name !== 'in_line')).toHaveLength(1);
  });

  it('is not judged while the day is not final', () => {
    const open = billed.map((line) => ({ ...line, final: false }));
    const classes = findingsOf([metered(confirmedInclusive)], open).map((one) => one.class);
    expect(new Set(classes)).toEqual(new Set(['not_final']));
  });
});

describe('the same bill under another contract', () => {
  it('is not accused where the configuration says that input leaves cached tokens out', () => {
    const findings = azureMonth(confirmedExclusive);
    expect(new Set(findings.map((one) => one.class))).toEqual(new Set(['in_line']));
    expect(auditSummary(findings, span).total.unexplained_usd).toBe(0);
  });

  it('is ambiguous where nobody confirmed either, with both readings in dollars', () => {
    const input = azureMonth(assumedInclusive).find(({ item }) => item === 'input');
    expect(input?.class).toBe('cached_ambiguous');
    const { explanation, assumption } = auditRow(input ?? azureMonth(assumedInclusive)[0]!);
    expect(explanation).toMatch(/counts cached tokens, \$\d+\.\d\d of .* twice; .*, \$0\.00 is\.$/);
    expect(assumption).toContain('by default, not confirmed');
  });

  it('is in line under the inclusive one where the bill leaves cached tokens out of input', () => {
    for (const contract of [confirmedInclusive, assumedInclusive]) {
      const day = { input: 1_000_000, read: 700_000, write: 100_000 };
      const bill = billedTokens(
        { input: 200_000, cache_read: 700_000, cache_write: 100_000 },
        azureSol,
      );
      const findings = findingsOf([rawDay(day, contract)], bill);
      expect(new Set(findings.map((one) => one.class))).toEqual(new Set(['in_line']));
    }
  });
});

describe('what must not disturb it', () => {
  const day = { input: 2_000_000, read: 1_200_000, write: 300_000 };

  it('a bill in two context bands', () => {
    const long = { input: 10, cache_read: 1, cache_write: 12.5 };
    const metered = rawDay(day, confirmedInclusive, { cards: [cardOf(azureSol, long)] });
    const billed = [
      ...billedTokens({ input: 1_500_000, cache_read: 900_000 }, azureSol, {}, { band: 'short' }),
      ...billedTokens(
        { input: 500_000, cache_read: 300_000 },
        long,
        { meter: 'sol long' },
        { band: 'long' },
      ),
      ...billedTokens({ cache_write: 300_000 }, azureSol),
    ].map((line, at) => ({ ...line, meter: `${line.meter} ${at}` }));
    const findings = findingsOf([metered], billed);
    const input = findings.filter(({ item }) => item === 'input');
    expect(input.map((one) => one.class)).toEqual(['cached_rated_twice', 'cached_rated_twice']);
    expect(input.reduce((sum, one) => sum + (one.metered ?? 0), 0)).toBe(500_000);
    // 1,500,000 cached tokens at what 2,000,000 input tokens were billed, $12.50.
    expect(dollarsOf(input.map(({ excessNano }) => excessNano))).toBeCloseTo(9.375, 6);
  });

  it('a second tier without a cache', () => {
    const batch = rawDay({ input: 800_000, read: 0, write: 0 }, confirmedInclusive, {
      tier: 'batch',
      cards: [cardOf({ input: 2.5 })],
    });
    const billed = [
      ...rated(day, azureSol, {}),
      ...billedTokens({ input: 800_000 }, { input: 2.5 }, { meter: 'batch' }, { tier: 'batch' }),
    ];
    const findings = findingsOf([rawDay(day, confirmedInclusive), batch], billed);
    const twice = findings.filter((one) => one.class === 'cached_rated_twice');
    expect(twice.map(({ meter }) => meter)).toEqual(['sol input']);
    // 1,500,000 cached tokens at $5.00 a million: the batch price has no part in it.
    expect(twice[0]?.excessNano).toBe(7_500_000_000n);
    expect(findings.find(({ meter }) => meter === 'batch')?.class).toBe('in_line');
  });
});
