import { tokenItems } from '../core/price.ts';
import type { Labels } from '../core/cloud.ts';
import type { DimensionName } from '../core/dimension.ts';
import type { Ledger, NamedTraffic } from '../core/store.ts';
import type { Clock, Instant } from '../core/time.ts';
import { minuteMs } from '../core/time.ts';
import type { Metrics } from '../api/metrics.ts';
import { expositionType } from '../export/prometheus/exposition.ts';
import { defaultMostSeries, renderMetrics } from '../export/prometheus/metrics.ts';
import type { CostGauge, PriceGauge } from '../export/prometheus/metrics.ts';
import type { BudgetGauge, DeliveryCount } from '../export/prometheus/agent-families.ts';
import type { ExporterStatus, SettledFeed } from '../core/exporter.ts';
import { matches, valueReader } from '../query/dimensions.ts';
import type { Filters, TeamRule, ValueReader } from '../query/dimensions.ts';
import { queryUsage } from '../query/usage.ts';

export interface MetricsDeps {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly feed: SettledFeed;
  readonly teams: readonly TeamRule[];
  readonly version: string;
  readonly exporters: () => readonly ExporterStatus[];
  /** Series of what grows with models, deployments and teams, about; absent: 20,000. */
  readonly mostSeries?: number;
  /** Absent: no alerts are told of. */
  readonly deliveries?: () => Promise<readonly DeliveryCount[]>;
  readonly budgets?: () => Promise<readonly BudgetGauge[]>;
}

/** The dimensions that become labels: bounded words. Versions, vendor's spellings and tags are left to the API. */
const metricLabels = [
  'cloud',
  'provider',
  'account',
  'resource',
  'region',
  'model',
  'deployment',
  'endpoint',
  'routing',
  'tier',
  'team',
] as const satisfies readonly DimensionName[];

const priceLabels = ['cloud', 'provider', 'account', 'region', 'model', 'routing', 'tier'] as const;

/** What Prometheus is told, from the ledger. What takes long to add up is at most some minutes old. */
export function createMetrics(deps: MetricsDeps): Metrics {
  const { clock, ledger, feed, exporters, version, mostSeries = defaultMostSeries } = deps;
  const valueOf = valueReader(deps.teams);
  const money = memo(clock, 5 * minuteMs, async (scope) => ({
    monthToDate: await monthToDate(deps, scope),
    prices: await pricesInUse(deps, scope, valueOf),
  }));
  const sources = memo(clock, minuteMs, () => ledger.sources(clock.now()));
  return {
    type: expositionType,
    async render(scope) {
      const sees = (name: NamedTraffic) => matches(name, scope, valueOf);
      return renderMetrics({
        mostSeries,
        usage: {
          totals: feed.totals().filter(({ name }) => sees(name)),
          corrections: feed.corrections().filter(({ name }) => sees(name)),
        },
        labelsOf: (name) => labelsFrom(metricLabels, (dimension) => valueOf(name, dimension)),
        ...(await money(scope)),
        agent:
          scope.size > 0
            ? undefined
            : {
                version,
                exporters: exporters(),
                sources: await sources(scope),
                apiCalls: await ledger.apiTotals(),
                deliveries: (await deps.deliveries?.()) ?? [],
                budgets: (await deps.budgets?.()) ?? [],
              },
      });
    },
  };
}

/** Answers that are kept for a while, by what the asker may see; one that is being made is waited for. */
function memo<T>(
  clock: Clock,
  keepMs: number,
  make: (scope: Filters) => Promise<T>,
): (scope: Filters) => Promise<T> {
  const known = new Map<string, { readonly at: Instant; readonly value: Promise<T> }>();
  return (scope) => {
    const key = JSON.stringify([...scope]);
    const now = clock.now();
    const found = known.get(key);
    if (found !== undefined && Math.abs(now - found.at) < keepMs) return found.value;
    const value = make(scope);
    known.set(key, { at: now, value });
    value.catch(() => known.delete(key));
    return value;
  };
}

async function monthToDate(
  { clock, ledger, teams }: MetricsDeps,
  scope: Filters,
): Promise<readonly CostGauge[]> {
  const now = clock.now();
  const date = new Date(now);
  const from = Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
  const { rows } = await queryUsage(ledger, {
    from,
    to: now,
    stepMs: 'total',
    groupBy: metricLabels,
    filters: new Map(),
    scope,
    teams,
    maxRows: Infinity,
  });
  return rows.flatMap((row) =>
    row.cost_usd === null
      ? []
      : [
          {
            labels: labelsFrom(metricLabels, (dimension) => String(row[dimension] ?? '')),
            costUsd: row.cost_usd,
          },
        ],
  );
}

/** By the card that each identity of now is rated with. */
async function pricesInUse(
  { clock, ledger }: MetricsDeps,
  scope: Filters,
  valueOf: ValueReader,
): Promise<readonly PriceGauge[]> {
  const now = clock.now();
  const gauges: PriceGauge[] = [];
  for (const identity of await ledger.identities()) {
    if (identity.reports.size === 0 || identity.from > now || identity.to <= now) continue;
    if (!matches(identity, scope, valueOf)) continue;
    const cards = await ledger.cardsOf(identity.id);
    const card = cards?.find(({ from, to }) => from <= now && now < to)?.card;
    if (card?.perToken !== true) continue;
    const labels = labelsFrom(priceLabels, (dimension) => valueOf(identity, dimension));
    for (const item of tokenItems) {
      const rate = card.short[item]?.best;
      if (rate !== undefined) gauges.push({ labels: { ...labels, token_type: item }, rate });
    }
  }
  return gauges;
}

function labelsFrom<Name extends DimensionName>(
  names: readonly Name[],
  valueOf: (name: Name) => string,
): Labels {
  return Object.fromEntries(names.map((name) => [name, valueOf(name)]));
}
