import type { Child } from 'hono/jsx';
import { errorRatio, perMillion, throttleRatio, tokensOf } from '../figures.ts';
import {
  count,
  duration,
  percentChange,
  period,
  ratio,
  share,
  short,
  usd,
  usdChange,
} from '../format.ts';
import { apiLink, sumLink } from '../links.ts';
import type { Overview } from '../overview-data.ts';
import type { ChangeRow } from '../reader.ts';
import { rangeWords } from '../state.ts';
import type { PageState } from '../state.ts';
import { Num, Origins } from './parts.tsx';
import type { Tone } from './parts.tsx';
import { trustOf } from './trust-facts.ts';

interface Verdict {
  readonly label: string;
  readonly href: string;
  readonly value: Child;
  readonly tone: Tone;
  readonly says: Child;
  readonly origins?: Child;
}

/** The five questions with an answer each; the sections below say why. */
export function Strip({ data, state }: { readonly data: Overview; readonly state: PageState }) {
  const verdicts = [
    spendVerdict(data, state),
    budgetVerdict(data),
    changeVerdict(data),
    throttleVerdict(data),
    trustVerdict(data),
  ];
  return (
    <dl class="strip">
      {verdicts.map(({ label, href, value, tone, says, origins }) => (
        <div class={`is-${tone}`}>
          <dt>
            <a href={href}>{label}</a>
          </dt>
          <dd class="value">{value}</dd>
          <dd class="says">{says}</dd>
          {origins !== undefined && <dd>{origins}</dd>}
        </div>
      ))}
    </dl>
  );
}

function spendVerdict({ total }: Overview, { range, filters, rangeName }: PageState): Verdict {
  const row = total.ok ? total.value.rows[0] : undefined;
  const low = row?.cost_low_usd ?? null;
  const high = row?.cost_high_usd ?? null;
  const label = rangeName === undefined ? 'Spend' : `Spend, ${rangeWords[rangeName]}`;
  return {
    label,
    href: '#drivers',
    value: (
      <Num text={usd(row?.cost_usd)} whole={`${row?.cost_usd ?? 'no'} USD, ${period(range)}`} />
    ),
    tone: 'quiet',
    says:
      row === undefined || tokensOf(row) === null ? (
        nothingOf(total)
      ) : (
        <>
          {low !== high && `${usd(low)} to ${usd(high)}; `}
          <span title={`${count(tokensOf(row))} tokens`}>{short(tokensOf(row))} tokens</span>,{' '}
          {usd(perMillion(row))} a million
        </>
      ),
    origins: (
      <Origins
        of="the spend"
        explain={sumLink(range, filters)}
        api={apiLink('usage', { range, filters, more: { step: 'total' } })}
      />
    ),
  };
}

function budgetVerdict({ budgets }: Overview): Verdict {
  const label = 'Budgets';
  const href = '#budgets';
  if (!budgets.ok) return { label, href, value: '–', tone: 'warn', says: 'could not be read' };
  const all = budgets.value;
  if (all.length === 0)
    return { label, href, value: 'none', tone: 'quiet', says: 'are configured' };
  const over = all.filter((one) => one.state === 'over' || (one.ratio ?? 0) >= 1);
  const soon = all.filter((one) => one.state === 'forecast_over');
  const unsure = all.filter((one) => one.state === 'incomplete' && (one.ratio ?? 0) < 1);
  const rest = all.length - over.length - soon.length - unsure.length;
  const counts = [
    [soon.length, 'will be by the forecast'],
    [unsure.length, 'incomplete'],
    [rest, 'on budget'],
  ] as const;
  const said = counts.filter(([many]) => many > 0).map(([many, what]) => `${many} ${what}`);
  const worst = soon.length > 0 || unsure.length > 0 ? 'warn' : 'good';
  return {
    label,
    href,
    value: headline(over.length, soon.length, unsure.length, all.length),
    tone: over.length > 0 ? 'bad' : worst,
    says: said.join(', ') || `of ${all.length}, in their present periods`,
  };
}

function headline(over: number, soon: number, unsure: number, all: number): string {
  if (over > 0) return `${over} over`;
  if (soon > 0) return `${soon} at risk`;
  return unsure === all ? `${all} incomplete` : `${all - unsure} of ${all} on budget`;
}

function changeVerdict({ total, changes, before }: Overview): Verdict {
  const label = 'Change';
  const href = '#changes';
  if (!changes.ok) return { label, href, value: '–', tone: 'quiet', says: 'could not be read' };
  const known = changes.value.filter((row) => row.cost_before_usd !== null);
  const then = known.length === 0 ? null : sumOf(known, (row) => row.cost_before_usd);
  const isRead = changes.value.every((row) => row.covered_before >= 0.99);
  const now = total.ok ? (total.value.rows[0]?.cost_usd ?? null) : null;
  if (then === null || !isRead) {
    const says = `the period before was not wholly read: ${period(before)}`;
    return { label, href, value: '–', tone: 'quiet', says };
  }
  const moved = parts
    .map((part) => ({ part, by: sumOf(changes.value, (row) => row[`${part}_usd`]) }))
    .toSorted((a, b) => Math.abs(b.by) - Math.abs(a.by))[0];
  return {
    label,
    href,
    value: percentChange(now, then),
    tone: 'quiet',
    says: (
      <>
        from {usd(then)}, {period(before)}
        {moved !== undefined &&
          Math.abs(moved.by) >= 0.005 &&
          `; ${moved.part} ${usdChange(moved.by)}`}
      </>
    ),
  };
}

function nothingOf(total: Overview['total']): string {
  if (!total.ok) return 'could not be read';
  return total.value.newest === null
    ? 'nothing of this period has been read yet'
    : 'no meter tells';
}

const parts = ['price', 'volume', 'mix', 'new', 'gone', 'capacity', 'unknown'] as const;

function sumOf(rows: readonly ChangeRow[], pick: (row: ChangeRow) => number | null): number {
  return rows.reduce((sum, row) => sum + (pick(row) ?? 0), 0);
}

function throttleVerdict({ total }: Overview): Verdict {
  const row = total.ok ? total.value.rows[0] : undefined;
  const throttled = row === undefined ? null : throttleRatio(row);
  const tone = throttled === null || throttled < 0.001 ? 'good' : throttled < 0.02 ? 'warn' : 'bad';
  return {
    label: 'Throttled',
    href: '#throttling',
    value: ratio(throttled),
    tone: throttled === null ? 'quiet' : tone,
    says:
      row === undefined || row.requests === null
        ? nothingOf(total)
        : `${count(row.throttles)} requests; ${ratio(errorRatio(row))} of ${short(row.requests)} failed`,
  };
}

function trustVerdict(data: Overview): Verdict {
  const { settled, failing, waiting, lagSeconds, unpricedShare } = trustOf(data);
  const bad = failing > 0 ? `${failing} failing` : undefined;
  const slow = lagSeconds !== null && lagSeconds > 1_800;
  return {
    label: 'Trust',
    href: '#trust',
    value: bad ?? `${share(settled)} settled`,
    tone: failing > 0 ? 'bad' : slow || (unpricedShare ?? 0) > 0 || waiting > 0 ? 'warn' : 'good',
    says:
      lagSeconds === null && unpricedShare === null
        ? nothingOf(data.total)
        : `lag ${duration(lagSeconds)}; ${ratio(unpricedShare)} of tokens without a price`,
  };
}
