import { createAlertDesk } from '../../agent/alerts/alert-desk.ts';
import type { AlertDesk } from '../../agent/alerts/alert-desk.ts';
import { goneMs, repeatMs } from '../../agent/alerts/lifecycle-settings.ts';
import type { Condition } from '../../agent/core/alert.ts';
import type { Ledger } from '../../agent/core/store.ts';
import type { Instant } from '../../agent/core/time.ts';
import { createInterpretation } from '../../agent/normalize/interpret.ts';
import { openLedger } from '../../exporters/sqlite/ledger.ts';
import type { Chapter, Story } from './alert-story.ts';

/** Plays a story on a ledger file, and tells what people were told and how alerts stand. */
export interface Stage {
  play(chapter: Chapter): Promise<{
    readonly told: readonly string[];
    readonly is: Readonly<Record<string, string>>;
  }>;
  close(): void;
}

export function openStage(story: Story, path: string): Stage {
  let now = story.begins;
  let lag = 0;
  let ledger = open(path, now);
  let desk = deskOf(ledger);
  const seen = new Map<string, number | 'no data'>();
  const amounts = new Map(Object.entries(story.budgets).map(([name, one]) => [name, one.amount]));
  const deleted = new Set<string>();
  const known = new Set<string>();

  function deskOf(over: Ledger): AlertDesk {
    const isConfigured = ({ name }: { readonly name: string }) => !deleted.has(name);
    const settings = { repeatMs, goneMs, isConfigured, publicUrl: null };
    return createAlertDesk({ clock: { now: () => now }, ledger: over, settings });
  }

  function conditions(): readonly Condition[] {
    return [...seen].flatMap(([name, value]) => {
      if (deleted.has(name)) return [];
      const data = { value: value === 'no data' ? null : value, dataUntil: now - lag };
      return [...ruleConditions(story, name, data), ...budgetConditions(name, data)];
    });
  }

  function budgetConditions(name: string, data: Data): readonly Condition[] {
    const budget = story.budgets[name];
    if (budget === undefined) return [];
    const start = budget.periods.findLastIndex((moment) => moment <= now);
    const period = {
      start: budget.periods[start] ?? 0,
      end: budget.periods[start + 1] ?? Infinity,
    };
    const amount = amounts.get(name) ?? 0;
    return budget.thresholds.map((percent) => {
      const what = `${name} ${percent}%`;
      const threshold = (amount * percent) / 100;
      const near = threshold * budget.near;
      return {
        ...conditionOf({ name, what, threshold, near, notify: budget.notify }, data),
        group: `${name}/${period.start}`,
        kind: 'budget',
        unit: 'usd',
        period,
      };
    });
  }

  const fingerprintOf = async (what: string): Promise<string> => {
    const all = await ledger.alerts();
    const found = all.filter(({ labels }) => labels['what'] === what);
    const active = found.find(({ endedAt }) => endedAt === null) ?? found[0];
    if (active === undefined) throw new Error(`there is no alert ${what}`);
    return active.fingerprint;
  };

  async function act(chapter: Chapter): Promise<void> {
    if (chapter.restart) {
      ledger.close();
      ledger = open(path, now);
      desk = deskOf(ledger);
    }
    const { silence, acknowledge } = chapter;
    if (silence !== undefined) {
      await desk.keepSilence({
        id: silence.name,
        matchers: Object.entries(silence.match).map(([name, value]) => ({
          name,
          value,
          isEqual: true,
        })),
        startsAt: now,
        endsAt: now + silence.for,
        createdBy: silence.by,
        comment: '',
        createdAt: now,
      });
    }
    if (chapter.end_silence !== undefined) await desk.expireSilence(chapter.end_silence);
    if (acknowledge !== undefined) {
      await desk.acknowledge(await fingerprintOf(acknowledge.what), acknowledge.by, '');
    }
    if (chapter.rearm !== undefined) await desk.rearm(await fingerprintOf(chapter.rearm), 'ada');
  }

  async function evaluate(): Promise<readonly string[]> {
    await desk.evaluate(conditions(), () => true);
    const found = await ledger.deliveries({ limit: 1_000 });
    const fresh = found.filter(({ id }) => !known.has(id)).toReversed();
    for (const { id } of fresh) known.add(id);
    return fresh.map(({ message: { type, alerts, notifier } }) => {
      const names = alerts.map(({ labels }) => labels['what'] ?? '');
      return `${notifier}: ${type.replace('alert.', '')} ${names.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })).join(', ')}`;
    });
  }

  return {
    async play(chapter) {
      const told: string[] = [];
      const until: Instant = chapter.at ?? now + (chapter.after ?? 0);
      const every = chapter.watched_every ?? Infinity;
      while (now + every < until) {
        now += every;
        told.push(...(await evaluate()));
      }
      now = until;
      lag = chapter.lag ?? lag;
      for (const [name, value] of Object.entries(chapter.seen)) {
        if (value === null) seen.delete(name);
        else seen.set(name, value);
      }
      for (const [name, amount] of Object.entries(chapter.amount)) amounts.set(name, amount);
      for (const name of chapter.delete) deleted.add(name);
      await act(chapter);
      told.push(...(await evaluate()));
      const is: Record<string, string> = {};
      for (const alert of (await ledger.alerts()).toSorted((a, b) => a.activeAt - b.activeAt)) {
        const { state, noData, silencedBy } = alert;
        const more = `${noData ? ', no data' : ''}${silencedBy.length > 0 ? ', silenced' : ''}`;
        is[alert.labels['what'] ?? ''] = `${state}${more}`;
      }
      return { told, is };
    },
    close: () => ledger.close(),
  };
}

interface Data {
  readonly value: number | null;
  readonly dataUntil: Instant;
}

function ruleConditions(story: Story, name: string, data: Data): readonly Condition[] {
  const rule = story.rules[name];
  if (rule === undefined) return [];
  const { above, near = Infinity, notify, heartbeat } = rule;
  const condition = conditionOf({ name, what: name, threshold: above, near, notify }, data);
  if (heartbeat === undefined) return [{ ...condition, forSeconds: rule.for / 1_000 }];
  return [{ ...condition, kind: 'heartbeat', state: 'met', threshold: heartbeat / 1_000 }];
}

function conditionOf(
  watched: {
    readonly name: string;
    readonly what: string;
    readonly threshold: number;
    readonly near: number;
    readonly notify: readonly string[];
  },
  { value, dataUntil }: Data,
): Condition {
  const { name, what, threshold, near, notify } = watched;
  const isMet = value !== null && value >= threshold;
  const state = isMet ? 'met' : 'clear';
  return {
    key: what,
    group: name,
    name,
    kind: 'throttle_ratio',
    labels: { alertname: name, what },
    annotations: {},
    state: value === null ? 'no_data' : state,
    near: value !== null && !isMet && value >= near,
    value,
    threshold,
    unit: 'ratio',
    certainty: 'provisional',
    incomplete: false,
    dataUntil,
    forSeconds: 0,
    period: null,
    notify,
  };
}

function open(path: string, now: Instant): Ledger {
  const contracts = { openaiInputIncludesCached: true, bedrockInvocations: 'accepted' } as const;
  return openLedger(path, createInterpretation(new Map(), contracts), now);
}
