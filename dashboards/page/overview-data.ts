import type { AuditSummary } from '../../agent/core/audit.ts';
import type { Window } from '../../agent/core/time.ts';
import type {
  ChangeRow,
  LatencyRow,
  PageAlert,
  PageBudget,
  PageReader,
  SourceRow,
  Told,
  UsageAnswer,
} from './reader.ts';
import { rangeBefore, stepLengths } from './state.ts';
import type { PageState } from './state.ts';

/** Everything the overview shows, each answer by itself: one that fails leaves the others standing. */
export interface Overview {
  readonly before: Window;
  /** One row: the whole range. */
  readonly total: Told<UsageAnswer>;
  /** By bucket and group. */
  readonly series: Told<UsageAnswer>;
  /** By group. */
  readonly drivers: Told<UsageAnswer>;
  readonly changes: Told<readonly ChangeRow[]>;
  /** By model and cloud. */
  readonly traffic: Told<UsageAnswer>;
  readonly latency: Told<readonly LatencyRow[]>;
  readonly budgets: Told<readonly PageBudget[]>;
  readonly alerts: Told<readonly PageAlert[]>;
  readonly sources: Told<readonly SourceRow[]>;
  readonly audit: Told<AuditSummary>;
}

export async function readOverview(reader: PageReader, state: PageState): Promise<Overview> {
  const { range, filters, groupBy, step } = state;
  const before = rangeBefore(state);
  const all = { filters, groupBy: [], stepMs: 'total' } as const;
  const grouped = { ...all, groupBy: [groupBy] } as const;
  const byModel = { ...all, range, groupBy: ['model', 'cloud'] } as const;
  const [total, series, drivers, changes, traffic, latency, budgets, alerts, sources, audit] =
    await Promise.all([
      reader.usage({ ...all, range }),
      reader.usage({ ...grouped, range, stepMs: stepLengths[step] }),
      reader.usage({ ...grouped, range }),
      reader.changes(range, before, groupBy, filters),
      reader.usage(byModel),
      reader.latency(byModel),
      reader.budgets(),
      reader.alerts(),
      reader.sources(),
      reader.audit(),
    ]);
  return {
    before,
    total,
    series,
    drivers,
    changes,
    traffic,
    latency,
    budgets,
    alerts,
    sources,
    audit,
  };
}
