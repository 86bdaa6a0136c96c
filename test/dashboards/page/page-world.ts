import { createPage } from '../../../dashboards/page/page.tsx';
import type { Page } from '../../../dashboards/page/page.tsx';
import type {
  ChangeRow,
  LatencyRow,
  PageReader,
  PageVisit,
  SourceRow,
  UsageRow,
} from '../../../dashboards/page/reader.ts';
import { dayMs, hourMs } from '../../../agent/core/time.ts';
import { alertsNow } from '../../support/alert-samples.ts';
import { budgetSample } from '../../support/budget-sample.ts';
import { memoryAudit } from '../../support/memory-audit.ts';
import { trackedSample } from '../../support/memory-alerts.ts';

export const pageNow = alertsNow;

export function testPage(demo = false): Promise<Page> {
  return createPage({ now: () => pageNow, demo, version: '1.2.3' });
}

const yes = async <T>(value: T) => ({ ok: true, value }) as const;

/** An agent that has read nothing and is told nothing. */
export const emptyReader: PageReader = {
  usage: () => yes({ rows: [], newest: null }),
  latency: () => yes([]),
  changes: () => yes([]),
  budgets: () => yes([]),
  alerts: () => yes([]),
  silences: () => yes([]),
  deliveries: () => yes([]),
  sources: () => yes([]),
  audit: async () => {
    const days = { start: pageNow - 30 * dayMs, end: pageNow };
    return yes((await memoryAudit(days, pageNow, { name: 'none', keeps: () => false })).summary());
  },
  explain: async () => ({ ok: false, why: 'nothing is there' }),
};

/** Every answer is that there is none. */
export function refusingReader(why: string): PageReader {
  const no = async () => ({ ok: false, why }) as const;
  return {
    usage: no,
    latency: no,
    changes: no,
    budgets: no,
    alerts: no,
    silences: no,
    deliveries: no,
    sources: no,
    audit: no,
    explain: no,
  };
}

export function usageRow(change: Readonly<Record<string, string | number | null>> = {}): UsageRow {
  return {
    time: '2026-11-22T13:00:00.000Z',
    input_tokens: 1_000_000,
    cache_read_tokens: 500_000,
    cache_write_tokens: null,
    output_tokens: 250_000,
    unsplit_input_tokens: null,
    requests: 900,
    errors: 9,
    throttles: 100,
    cost_usd: 12.345678901,
    cost_low_usd: 12.345678901,
    cost_high_usd: 12.345678901,
    cost_method: 'list',
    unpriced_tokens: 0,
    settled: 0.98,
    ...change,
  };
}

export function sourceRow(change: Partial<SourceRow> = {}): SourceRow {
  return {
    source: 'prod-aws',
    target: 'prod-aws/111122223333/us-east-1/AWS/Bedrock',
    cloud: 'aws',
    state: 'ok',
    last_success: '2026-11-23T11:59:00.000Z',
    watermark: '2026-11-23T11:50:00.000Z',
    lag_seconds: 600,
    reason: null,
    operation: null,
    hint: null,
    message: null,
    failed_at: null,
    series: 12,
    api_calls_today: 345,
    api_cost_usd_today: 0.0123,
    cadence_seconds: 300,
    next_poll: '2026-11-23T12:04:00.000Z',
    slowed: null,
    irregularities: 0,
    irregularity_kinds: '',
    ...change,
  };
}

/** Everything there is to show, with one name wherever a name stands that somebody else gives. */
export function fullReader(name: string): PageReader {
  const dims = { model: name, cloud: name, team: name, deployment: name, region: name };
  const change: ChangeRow = {
    ...dims,
    cost_usd: 12,
    cost_before_usd: 10,
    change_usd: 2,
    price_usd: 0.5,
    volume_usd: 2,
    mix_usd: -0.5,
    new_usd: 0,
    gone_usd: 0,
    capacity_usd: 0,
    unknown_usd: 0,
    why: 'volume',
    incomplete: false,
    tokens_before: 1,
    covered_before: 1,
  };
  const latency: LatencyRow = {
    ...dims,
    time: '2026-11-22T13:00:00.000Z',
    phase: 'request',
    count: 10,
    avg_ms: 812.5,
    max_ms: 32_000,
    p90_ms: null,
  };
  const failing = sourceRow({
    target: `x${name}`,
    state: 'failing',
    reason: 'denied',
    operation: name,
    message: name,
    hint: name,
    slowed: name,
  });
  const labels = { alertname: name, severity: name, threshold: name };
  const alert = trackedSample({
    state: 'firing',
    name,
    labels,
    annotations: { summary: name, runbook_url: name },
    acknowledged: null,
    silencedBy: [],
  });
  const events = [{ at: pageNow, from: 'pending', to: 'firing', note: name }];
  return {
    ...emptyReader,
    usage: async () => yes({ rows: [usageRow(dims)], newest: pageNow }),
    latency: () => yes([latency]),
    changes: () => yes([change]),
    budgets: () =>
      yes([
        { ...budgetSample({ budget: name, notes: [name] }), filters: new Map([['team', [name]]]) },
      ]),
    alerts: () => yes([{ ...alert, events }]),
    silences: () =>
      yes([
        {
          id: name,
          matchers: [{ name, value: name, isEqual: true }],
          startsAt: pageNow - hourMs,
          endsAt: pageNow + hourMs,
          createdBy: name,
          comment: name,
          createdAt: pageNow - hourMs,
        },
      ]),
    deliveries: () =>
      yes([
        {
          id: name,
          notifier: name,
          type: 'alert.firing',
          state: 'dead',
          attempts: 12,
          created: '2026-11-22T13:00:00.000Z',
          next_try: null,
          delivered: null,
          last_status: 500,
          last_answer: name,
          alerts: 2,
        },
      ]),
    sources: () => yes([sourceRow(), failing]),
    explain: () => yes(explanationOf(name)),
  };
}

function explanationOf(name: string) {
  const money = {
    cost_usd: '0.123000000',
    cost_low_usd: '0.100000000',
    cost_high_usd: '0.200000000',
    unpriced_tokens: 7,
  };
  return {
    ...money,
    model: name,
    time: '2026-11-22T13:00:00.000Z',
    end: '2026-11-22T14:00:00.000Z',
    step: '1h' as const,
    settled: true,
    agrees: true,
    requests: 12,
    parts: [
      {
        ...money,
        id: 'A',
        identity: {
          cloud: 'aws',
          account: name,
          region: name,
          resource: name,
          endpoint: 'runtime',
          model: name,
          model_version: name,
          vendor_model: name,
          deployment: name,
          routing: 'geo',
          tier: 'standard',
          team: name,
          identified_by: name,
        },
        contracts: [{ word: name, explanation: name }],
        sums: [{ amount: 'input_tokens', text: name }],
        cards: [
          {
            id: 'A1',
            from: null,
            to: null,
            unpriced: name,
            prices: [
              {
                token_type: 'input',
                best: true,
                source: name,
                source_version: name,
                reference: name,
                effective_from: null,
                usd: '2.500000000',
                per: 'million_tokens' as const,
                factor: '1',
                scope: {},
              },
            ],
          },
        ],
        periods: [
          {
            ...money,
            time: '2026-11-22T13:00:00.000Z',
            period_seconds: 3_600,
            card: 'A1',
            agrees: true,
            lines: [
              {
                token_type: 'input',
                tokens: 12_000,
                low_usd_per_million: '2.5',
                usd_per_million: '2.500000000',
                high_usd_per_million: '2.5',
                usd: '0.030000000',
              },
            ],
          },
        ],
        reasons: [{ word: name, explanation: name }],
        calibration: { state: 'no_bills', explanation: name },
        notes: [name],
      },
    ],
    readings: [
      {
        id: 'r1',
        namespace: name,
        metric: name,
        dimensions: { ModelId: name },
        role: 'counted' as const,
        period_seconds: 60,
        points: [{ time: '2026-11-22T13:00:00.000Z', values: { sum: 12_000 } }],
        read: { last_read_at: '2026-11-22T13:30:00.000Z', settled: true },
      },
    ],
    rounding: name,
    billed: { state: 'final', explanation: name },
    commands: [{ reads: ['r1'], note: name, command: name }],
    revisions: [],
  };
}

const noActions = {
  acknowledge: () => yes('ack'),
  silence: () => yes('silence'),
  endSilence: () => yes('end'),
  retryDelivery: () => yes('retry'),
};

/** The page as a browser without a script has it. */
export async function htmlOf(
  page: Page,
  path: string,
  reader: PageReader,
  visit: Partial<PageVisit> = { actions: noActions },
): Promise<string> {
  const request = new Request(`http://127.0.0.1${path}`);
  return (await page.answer(request, { reader, ...visit })).text();
}

export interface Tag {
  readonly name: string;
  readonly isEnd: boolean;
  readonly attributes: ReadonlyMap<string, string>;
}

/** The tags of a document whose attributes are all quoted, as a browser takes them apart. */
export function tagsOf(html: string): readonly Tag[] {
  const tag = /<(\/?)([a-zA-Z][^\s/>]*)((?:\s+[^\s=>/]+(?:="[^"]*")?)*)\s*\/?>/g;
  return Array.from(html.matchAll(tag), ([, slash, name = '', rest = '']) => ({
    name: name.toLowerCase(),
    isEnd: slash === '/',
    attributes: new Map(
      Array.from(rest.matchAll(/([^\s=>/]+)(?:="([^"]*)")?/g), ([, key = '', value = '']) => [
        key,
        value,
      ]),
    ),
  }));
}

export function textOf(html: string): string {
  return unescaped(html.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' '));
}

export function unescaped(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}
