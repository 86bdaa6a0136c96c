import type { TrafficKey } from '../../../agent/core/reading.ts';
import type { Contract, Measure, Outcome, TokenMeter } from '../../../agent/core/meter.ts';
import type { DerivedRow, Grid, LedgerSeries, SeriesColumn } from '../../../agent/core/usage.ts';
import type { Tier } from '../../../agent/core/dimension.ts';
import { minuteMs } from '../../../agent/core/time.ts';
import type { ContractSwitches } from '../../../agent/normalize/contract.ts';
import { derive } from '../../../agent/normalize/derive.ts';

/** One series of a traffic: which meter, of which facet, and what it said by minute. */
export interface Told {
  readonly meter: TokenMeter | Outcome;
  readonly values?: Readonly<Record<number, number>>;
  readonly tier?: Tier;
  readonly modelName?: string;
  readonly level?: LedgerSeries['level'];
  readonly rank?: number;
  readonly contract?: Contract;
}

export const switches: ContractSwitches = {
  openaiInputIncludesCached: true,
  bedrockInvocations: 'accepted',
};

const traffic: TrafficKey = {
  cloud: 'aws',
  account: '111122223333',
  region: 'us-east-1',
  resource: '',
  endpoint: 'runtime',
  vendorModel: 'm',
  deployment: '',
};

/** Series as the ledger numbers them, in the order told. */
export function seriesOf(told: readonly Told[]): readonly LedgerSeries[] {
  return told.map((one, index) => ({
    id: index + 1,
    key: { ...traffic, namespace: 'n', metric: one.meter, dimensions: { series: String(index) } },
    traffic,
    facet: { tier: one.tier ?? '', modelName: one.modelName ?? '', modelVersion: '' },
    measure: measureOf(one.meter),
    contract: one.contract ?? (one.meter === 'input' ? 'input_by_family' : 'plain'),
    level: one.level ?? 'total',
    rank: one.rank ?? 0,
    settleSeconds: 600,
  }));
}

/** The ten minutes from the epoch on. */
export const tenMinutes: Grid = { start: 0, stepMs: minuteMs, periods: 10 };

export function columnOf(told: readonly Told[]): (seriesId: number) => SeriesColumn | undefined {
  return (id) => {
    const values = told[id - 1]?.values;
    if (values === undefined) return undefined;
    return Array.from({ length: tenMinutes.periods }, (_, at) => values[at] ?? Number.NaN);
  };
}

export function derived(
  told: readonly Told[],
  family = 'openai',
  under: ContractSwitches = switches,
): readonly DerivedRow[] {
  return derive(under, seriesOf(told), tenMinutes, columnOf(told), () => family);
}

/** A row as `minute`, whom it is of, and the amounts that are told. */
export function brief({
  facet,
  start,
  amounts,
  violation,
}: DerivedRow): Readonly<Record<string, unknown>> {
  return {
    at: start / minuteMs,
    ...(facet.tier === '' ? {} : { tier: facet.tier }),
    ...(facet.modelName === '' ? {} : { model: facet.modelName }),
    ...Object.fromEntries(Object.entries(amounts).filter(([, amount]) => amount !== null)),
    ...(violation ? { violation } : {}),
  };
}

function measureOf(meter: TokenMeter | Outcome): Measure {
  return isTokens(meter) ? { kind: 'tokens', meter } : { kind: 'requests', outcome: meter };
}

function isTokens(meter: TokenMeter | Outcome): meter is TokenMeter {
  return ['input', 'output', 'cache_read', 'cache_write'].includes(meter);
}
