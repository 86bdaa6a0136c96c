import type { PageReader, Told } from '../../dashboards/page/reader.ts';
import { auditOf } from '../api/audit.ts';
import { isSeen } from '../api/alerts.ts';
import type { Access } from '../api/auth.ts';
import { deliveriesOf } from '../api/deliveries.ts';
import { ProblemError } from '../api/problem.ts';
import type { RouteDeps } from '../api/route.ts';
import { unlimited } from '../api/silences.ts';
import { sourcesOf } from '../api/sources.ts';
import type { TrackedAlert } from '../core/alert.ts';
import type { AuditSummary } from '../core/audit.ts';
import type { BudgetStatus } from '../core/budget.ts';
import type { Filters } from '../query/dimensions.ts';
import { queryChanges } from '../query/changes.ts';
import { explainFigure } from '../query/explain.ts';
import { nothingSaid } from '../query/explain-nothing.ts';
import { queryLatency } from '../query/latency.ts';
import { roundStep } from '../query/step.ts';
import { TooBroadError } from '../query/too-broad.ts';
import { TooManyRowsError } from '../query/too-many-rows.ts';
import { queryUsage } from '../query/usage.ts';
import { lazily } from './lazily.ts';
import { readOnce } from './read-once.ts';

/** Hears what failed inside; the visitor is only told that something did. */
type OnError = (error: unknown, doing: string) => void;

/** What the page knows beyond what routes answer from. */
export interface PageFacts {
  /** What a budget holds; undefined where that cannot be asked for. */
  readonly filtersOfBudget: (status: BudgetStatus) => Filters | undefined;
  /** Meters against bills, for those who may see all of them; remembered, for it is work. */
  readonly auditAll: () => Promise<AuditSummary>;
}

/** Messages that are shown, the newest ones. */
const deliveriesShown = 25;

/**
 * What one look at the page asks, of the ledger itself: the same queries as the API's, within what the asker may see. What
 * several of them need is read once, so a reader is for one look.
 */
export function createPageReader(
  deps: RouteDeps,
  facts: PageFacts,
  access: Access,
  onError: OnError,
): PageReader {
  const { evidence, bills, explainCost, teams, alerts, budgets } = deps;
  const reader = readOnce(deps.reader);
  const { scope } = access;
  const told = <T>(doing: string, read: () => Promise<T>) => toldOf(doing, read, onError);
  return {
    usage: ({ range, stepMs, groupBy, filters }) =>
      told('usage', () =>
        queryUsage(reader, {
          from: range.start,
          to: range.end,
          stepMs: stepMs === 'total' ? stepMs : roundStep(stepMs),
          groupBy,
          filters,
          scope,
          teams,
        }),
      ),
    latency: ({ range, groupBy, filters }) =>
      told('latency', () =>
        queryLatency(reader, {
          from: range.start,
          to: range.end,
          stepMs: 'total',
          groupBy,
          filters,
          scope,
          teams,
        }),
      ),
    changes: (span, before, by, filters) =>
      told('changes', () =>
        queryChanges(
          { usage: reader, cards: evidence, explainCost },
          { span, before, groupBy: [by], filters, scope, teams },
        ),
      ),
    budgets: () =>
      told('budgets', async () =>
        ((await budgets?.(scope)) ?? []).map((one) => ({
          ...one,
          filters: facts.filtersOfBudget(one),
        })),
      ),
    alerts: lazily(() =>
      told('alerts', async () => {
        const seen = ((await alerts?.reader.alerts()) ?? []).filter((one) => isSeen(one, scope));
        return Promise.all(
          seen.toSorted(activeFirst).map(async (alert) => ({
            ...alert,
            events: isActive(alert) ? ((await alerts?.reader.events(alert.fingerprint)) ?? []) : [],
          })),
        );
      }),
    ),
    silences: () =>
      told('silences', async () => {
        unlimited(access);
        return (await alerts?.reader.silences()) ?? [];
      }),
    deliveries: () =>
      told('deliveries', () => deliveriesOf({ limit: deliveriesShown }, access, deps)),
    sources: () => told('sources', () => sourcesOf(access, deps)),
    audit: () =>
      told('audit', async () =>
        scope.size === 0 ? facts.auditAll() : (await auditOf({}, access, deps)).summary(),
      ),
    explain: ({ model, at, step, filters }) =>
      told('explain', async () => {
        const query = { model, at, step, filters, teams, scope };
        const everything = { ...reader, ...evidence, ...bills };
        const found = await explainFigure({ reader: everything, explainCost }, query);
        if (found.found) return found.explanation;
        throw new ProblemError('not-found', nothingSaid(found.nothing, model, at, step));
      }),
  };
}

/** The answer, or why there is none as far as the visitor may know it. */
export async function toldOf<T>(
  doing: string,
  read: () => Promise<T>,
  onError: OnError,
): Promise<Told<T>> {
  try {
    return { ok: true, value: await read() };
  } catch (error) {
    const isForPeople =
      error instanceof ProblemError ||
      error instanceof TooManyRowsError ||
      error instanceof TooBroadError;
    if (isForPeople) return { ok: false, why: error.message };
    onError(error, `the page: ${doing}`);
    return { ok: false, why: 'it could not be read; the log of the agent says why' };
  }
}

function isActive({ state }: TrackedAlert): boolean {
  return state === 'firing' || state === 'pending';
}

function activeFirst(a: TrackedAlert, b: TrackedAlert): number {
  return (
    Number(isActive(b)) - Number(isActive(a)) ||
    (b.endedAt ?? Infinity) - (a.endedAt ?? Infinity) ||
    b.activeAt - a.activeAt
  );
}
