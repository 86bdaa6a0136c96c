import { step } from '../../agent/alerts/lifecycle.ts';
import { goneMs, repeatMs } from '../../agent/alerts/lifecycle-settings.ts';
import { ruleConditions } from '../../agent/alerts/rules/conditions.ts';
import type { Rule, RuleDeps } from '../../agent/alerts/rules/rule.ts';
import type { TrackedAlert } from '../../agent/core/alert.ts';
import type { AmountRow, IdentityRow, LatencyRow, TargetStatus } from '../../agent/core/store.ts';
import type { AmountQuery, TrafficCoverage } from '../../agent/core/store.ts';
import { floorTo, hourMs, minuteMs } from '../../agent/core/time.ts';
import type { Instant, Window } from '../../agent/core/time.ts';
import { amountNames } from '../../agent/core/usage.ts';
import { byAmount } from '../../agent/query/by-amount.ts';
import { union } from '../../agent/core/window.ts';
import { identityRow } from './memory-reader.ts';
import type { RuleChapter, RuleStory, StoryTraffic } from './rule-story.ts';
import { targetStatus } from './target-status.ts';

/** Data is settled so late. */
const settleMs = 10 * minuteMs;
const everyMs = 5 * minuteMs;

interface Spell extends Window {
  readonly traffic: Readonly<Record<string, StoryTraffic>>;
}

/** Plays a story through rules and lifecycle, and tells what people were told and how alerts stand. */
export interface RuleStage {
  play(chapter: RuleChapter): Promise<{
    readonly told: readonly string[];
    readonly is: Readonly<Record<string, string>>;
    readonly summary: string;
  }>;
}

export function openRuleStage(story: RuleStory, rules: readonly Rule[]): RuleStage {
  let now = story.begins;
  let readUntil = now;
  let isBlind = false;
  const spells: Spell[] = [];
  const since = now - (story.history?.for ?? hourMs);
  if (story.history !== undefined) {
    spells.push({ start: since, end: now, traffic: story.history.traffic });
  }
  const names = new Set([
    ...Object.keys(story.history?.traffic ?? {}),
    ...story.chapters.flatMap(({ traffic }) => Object.keys(traffic ?? {})),
  ]);
  const identities = Array.from(names, (model, at) => identityOf(model, at + 1, story.mantle));
  const alerts = new Map<string, TrackedAlert>();
  let summary = '';

  const deps: RuleDeps = {
    reader: {
      identities: async () => identities,
      coverageByTraffic: async () =>
        new Map(identities.map(({ trafficId }) => [trafficId, coverageTo(since, readUntil)])),
      amounts: async (query) => amountsOf(identities, spells, readUntil, query),
      latency: async (query) => latencyOf(identities, spells, query),
    },
    status: { sources: async () => [statusOf(readUntil, isBlind, now)], apiCalls: async () => [] },
    book: { prices: async () => [] },
    outbox: { deliveries: async () => [] },
    sources: ['prod-aws'],
    notifiers: ['oncall'],
    teams: [],
    everySeconds: 300,
    spendLimitOf: () => undefined,
  };

  async function evaluate(): Promise<readonly string[]> {
    const conditions = await ruleConditions(rules, deps, now);
    const settings = { repeatMs, goneMs, isConfigured: () => true, publicUrl: null };
    const done = step({ alerts: [...alerts.values()], silences: [] }, conditions, now, settings);
    for (const alert of done.alerts) alerts.set(alert.fingerprint, alert);
    return done.messages.map((message) => {
      summary = message.alerts[0]?.annotations['summary'] ?? '';
      const whose = message.alerts.map(nameOf).toSorted().join(', ');
      return `${message.notifier}: ${message.type.replace('alert.', '')} ${whose}`;
    });
  }

  return {
    async play({ after, traffic, blind }) {
      const told: string[] = [];
      const end = now + after;
      const last = spells.at(-1)?.traffic ?? {};
      spells.push({ start: now, end, traffic: traffic ?? last });
      isBlind = blind;
      while (now < end) {
        now = Math.min(now + everyMs, end);
        if (!blind) readUntil = now;
        told.push(...(await evaluate()));
      }
      const is: Record<string, string> = {};
      for (const alert of alerts.values()) {
        is[nameOf(alert)] = `${alert.state}${alert.noData ? ', no data' : ''}`;
      }
      return { told, is, summary };
    },
  };
}

function nameOf({ name, labels }: Pick<TrackedAlert, 'name' | 'labels'>): string {
  return labels['model'] === undefined ? name : `${name} ${labels['model']}`;
}

function identityOf(model: string, id: number, mantle: readonly string[]): IdentityRow {
  const blindTo = new Set(amountNames.filter((name) => name !== 'throttles'));
  return mantle.includes(model)
    ? identityRow({ id, model, endpoint: 'mantle', reports: blindTo })
    : identityRow({ id, model });
}

function coverageTo(since: Instant, end: Instant): TrafficCoverage {
  const spans = union([{ start: since, end }]);
  return {
    covered: byAmount(() => spans),
    settled: union([{ start: since, end: end - settleMs }]),
  };
}

/** What each used in each minute, added up by bucket; what is not read yet is not there. */
function amountsOf(
  identities: readonly IdentityRow[],
  spells: readonly Spell[],
  readUntil: Instant,
  { identityIds, window, bucketMs }: AmountQuery,
): readonly AmountRow[] {
  const rows: AmountRow[] = [];
  for (const { id, model, reports } of identities) {
    if (!identityIds.includes(id)) continue;
    const stepMs = bucketMs === 0 ? window.end - window.start : bucketMs;
    for (let bucket = window.start; bucket < window.end; bucket += stepMs) {
      const end = Math.min(bucket + stepMs, window.end, readUntil);
      const sum = { requests: 0, throttles: 0, errors: 0, usd: 0 };
      for (const spell of spells) {
        const minutes = (Math.min(end, spell.end) - Math.max(bucket, spell.start)) / minuteMs;
        const used = spell.traffic[model];
        if (minutes <= 0 || used === undefined) continue;
        sum.requests += used.requests * minutes;
        sum.throttles += used.throttled * minutes;
        sum.errors += used.failed * minutes;
        sum.usd += ((used.usd_an_hour ?? 0) * minutes) / 60;
      }
      const cost = BigInt(Math.round(sum.usd * 1e9));
      rows.push({
        identityId: id,
        bucket: bucketMs === 0 ? window.start : floorTo(bucket, bucketMs),
        input: sum.requests * 1_000,
        cacheRead: null,
        cacheWrite: null,
        output: sum.requests * 100,
        unsplitInput: null,
        requests: sum.requests,
        errors: sum.errors,
        throttles: reports.has('throttles') ? sum.throttles : null,
        peakTokens: null,
        cost,
        costLow: cost,
        costHigh: cost,
        unpricedTokens: 0,
      });
    }
  }
  return rows;
}

function latencyOf(
  identities: readonly IdentityRow[],
  spells: readonly Spell[],
  { identityIds, window }: AmountQuery,
): readonly LatencyRow[] {
  return identities.flatMap(({ id, model }) => {
    if (!identityIds.includes(id)) return [];
    let weight = 0;
    let sum = 0;
    for (const { start, end, traffic } of spells) {
      const minutes = (Math.min(end, window.end) - Math.max(start, window.start)) / minuteMs;
      const used = traffic[model];
      if (minutes <= 0 || used?.mean_ms === undefined) continue;
      weight += used.requests * minutes;
      sum += used.requests * minutes * used.mean_ms;
    }
    if (weight === 0) return [];
    const bucket = window.start;
    const rest = { minMs: null, maxMs: null, p90Ms: null, count: weight, weight };
    return [{ identityId: id, phase: 'request', bucket, avgMs: sum / weight, ...rest }];
  });
}

function statusOf(readUntil: Instant, isBlind: boolean, now: Instant): TargetStatus {
  const failure = {
    reason: 'denied' as const,
    operation: 'cloudwatch:GetMetricData',
    message: 'AccessDenied',
    hint: 'Allow cloudwatch:GetMetricData',
    at: now,
    since: readUntil,
  };
  return targetStatus({
    lastSuccess: readUntil,
    watermark: readUntil - settleMs,
    cadenceSeconds: 300,
    units: 8,
    failure: isBlind ? failure : null,
  });
}
