import type { CatalogRow, Measure, Phase } from '../../core/meter.ts';
import { columnOf } from '../../core/dimension.ts';
import { ruleKindFacts } from './kinds.ts';
import type { Rule, RuleKind } from './rule.ts';

/** What a rule could be decided by, as far as the configuration and a listing tell. */
export interface RuleWorld {
  /** What the sources collect, all together: `usage`, `bills`, `quotas`. */
  readonly collects: ReadonlySet<string>;
  readonly notifiers: number;
  /** Rows of the catalogs of everything that was listed; undefined: nothing was. */
  readonly rows: readonly CatalogRow[] | undefined;
  readonly pricesUpdate: 'never' | 'daily';
}

export interface RuleDoubt {
  readonly rule: string;
  /** A sentence: what is missing, and what to do. */
  readonly message: string;
}

/** Rules that can never fire, or that say something without effect. */
export function cannotFire(rules: readonly Rule[], world: RuleWorld): readonly RuleDoubt[] {
  return rules.flatMap((rule) =>
    [...(needs[rule.kind]?.(world) ?? []), ...idleBy(rule)].map((message) => ({
      rule: rule.name,
      message,
    })),
  );
}

/** By kind, what it cannot do without; a kind that is not here can always fire. */
const needs: Readonly<Partial<Record<RuleKind, (world: RuleWorld) => readonly string[]>>> = {
  throttle_ratio: ({ rows }) => unmetered(rows, tellsThrottles, 'throttled requests'),
  latency_ms: ({ rows }) => unmetered(rows, isPhase('request'), 'the time to the last token'),
  first_token_ms: ({ rows }) =>
    unmetered(rows, isPhase('first_token'), 'the time to the first token'),
  quota_ratio: ({ collects }) =>
    collects.has('quotas')
      ? []
      : ['cannot fire: no source collects quotas; add quotas to `collect` of a source'],
  bill_drift: ({ collects }) =>
    collects.has('bills')
      ? []
      : [
          'cannot fire unless bills are imported: no source collects them; add bills to `collect` of a source',
        ],
  price_change: ({ pricesUpdate }) =>
    pricesUpdate === 'daily'
      ? []
      : ['fires only where prices are changed by hand: `prices.update` is never; set it to daily'],
  delivery_failing: ({ notifiers }) => (notifiers > 0 ? [] : ['cannot fire: there is no notifier']),
};

/** A meter that is in no catalog of what was listed, or in some only. */
function unmetered(
  rows: readonly CatalogRow[] | undefined,
  tells: (measure: Measure) => boolean,
  what: string,
): readonly string[] {
  if (rows === undefined || rows.length === 0) return [];
  const namespaces = [...new Set(rows.map(({ namespace }) => namespace))].toSorted();
  const telling = new Set(rows.filter(({ measure }) => tells(measure)).map((one) => one.namespace));
  const silent = namespaces.filter((namespace) => !telling.has(namespace));
  if (silent.length === 0) return [];
  if (telling.size === 0) {
    return [`cannot fire: no meter tells ${what} in ${silent.join(', ')}; delete the rule`];
  }
  return [`says nothing of ${silent.join(', ')}: no meter tells ${what} there`];
}

function tellsThrottles(measure: Measure): boolean {
  if (measure.kind !== 'requests') return false;
  return measure.outcome === 'throttled' || measure.outcome === 'by_status';
}

function isPhase(phase: Phase): (measure: Measure) => boolean {
  return (measure) => measure.kind === 'latency' && measure.phase === phase;
}

function idleBy({ kind, by }: Rule): readonly string[] {
  const { seriesBy } = ruleKindFacts[kind];
  if (seriesBy === 'by' || by.length === 0) return [];
  const own =
    seriesBy.length === 0 ? 'has one series' : `has a series each ${seriesBy.join(' and ')}`;
  return [`\`by: [${by.map(columnOf).join(', ')}]\` is without effect: the kind ${kind} ${own}`];
}
