import type { Child } from 'hono/jsx';
import { count, duration, moment, period, ratio, share, short, unknown, usd } from '../format.ts';
import { apiLink } from '../links.ts';
import type { Overview } from '../overview-data.ts';
import type { SourceRow } from '../reader.ts';
import type { PageState } from '../state.ts';
import { failureOf } from './failure.ts';
import { Num, Origins, Problem, Section, Tag } from './parts.tsx';
import { trustOf } from './trust-facts.ts';

interface Fact {
  readonly name: string;
  readonly value: Child;
  readonly says: Child;
  readonly api: string;
  readonly of: string;
}

/** How fresh, how final, how complete the figures are, and what stands between them and the bill. */
export function Trust({ data, state }: { readonly data: Overview; readonly state: PageState }) {
  const { sources } = data;
  const failing = sources.ok ? sources.value.filter((one) => one.state === 'failing') : [];
  return (
    <Section
      id="trust"
      title="Can I trust this?"
      note="Of the range shown, or of today where it says so."
    >
      {!sources.ok && <Problem why={sources.why} />}
      {failing.length > 0 && <Failing rows={failing} />}
      <dl class="facts">
        {factsOf(data, state).map(({ name, value, says, api, of }) => (
          <div>
            <dt>
              {name} <span class="value">{value}</span>
            </dt>
            <dd>
              {says} <Origins of={of} api={api} />
            </dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

function factsOf(data: Overview, { range, filters }: PageState): readonly Fact[] {
  const facts = trustOf(data);
  const row = data.total.ok ? data.total.value.rows[0] : undefined;
  const newest = data.total.ok ? data.total.value.newest : null;
  const total = apiLink('usage', { range, filters, more: { step: 'total' } });
  const sources = apiLink('sources');
  return [
    {
      name: 'Freshness',
      value: <Num text={duration(facts.lagSeconds)} />,
      says:
        newest === null
          ? 'nothing of this range was read yet'
          : `behind, the target that lags most; read up to ${moment(newest)} UTC`,
      api: sources,
      of: 'freshness',
    },
    {
      name: 'Settled',
      value: <Num text={share(facts.settled)} />,
      says: 'of the range was read after the last change the clouds may make; the rest can still grow',
      api: total,
      of: 'the share settled',
    },
    {
      name: 'Cost range',
      value:
        row === undefined || row.cost_usd === null ? (
          unknown
        ) : (
          <Num text={`${usd(row.cost_low_usd)} – ${usd(row.cost_high_usd)}`} />
        ),
      says: 'between these, where meters do not show all that a price depends on',
      api: total,
      of: 'the range of the cost',
    },
    {
      name: 'Without a price',
      value: (
        <Num
          text={facts.unpricedTokens === null ? unknown : `${short(facts.unpricedTokens)} tokens`}
          whole={`${count(facts.unpricedTokens)} tokens`}
        />
      ),
      says: `${ratio(facts.unpricedShare)} of all tokens, in no cost above; add prices for their models in prices.file`,
      api: total,
      of: 'tokens without a price',
    },
    ...billFacts(data),
    {
      name: 'Own API calls today',
      value: <Num text={usd(facts.apiCostUsd)} />,
      says: `${count(facts.apiCalls)} calls to the clouds since midnight UTC, at list price`,
      api: sources,
      of: "the agent's own calls",
    },
    {
      name: 'Irregular points',
      value: <Num text={count(facts.irregularities)} />,
      says: 'rejected, vanished or against the contract, since the start',
      api: sources,
      of: 'irregular points',
    },
  ];
}

function billFacts({ audit }: Overview): readonly Fact[] {
  const api = apiLink('audit/summary');
  const of = 'the bill';
  if (!audit.ok) return [{ name: 'Bill', value: '–', says: audit.why, api, of }];
  const { total, models, from, to } = audit.value;
  const days = period({ start: Date.parse(from), end: Date.parse(to) });
  if (total.billed_usd === 0) {
    return [
      {
        name: 'Bill',
        value: 'none yet',
        says: `no final bill of ${days} is in the ledger; collect: [usage, bills] brings them in`,
        api,
        of,
      },
    ];
  }
  const worst = models.toSorted((a, b) => Math.abs(b.drift_usd) - Math.abs(a.drift_usd))[0];
  return [
    {
      name: 'Bill explained',
      value: <Num text={share(total.explained_ratio)} />,
      says: `of ${usd(total.billed_usd)} billed for ${days}; ${usd(total.unexplained_usd)} not, ${usd(total.pending_usd)} pending`,
      api,
      of,
    },
    ...(worst === undefined
      ? []
      : [
          {
            name: 'Largest drift',
            value: <Num text={usd(worst.drift_usd)} />,
            says: `${worst.model} on ${worst.cloud}, billed less metered: ${worst.class.replaceAll('_', ' ')}`,
            api,
            of: 'bill drift',
          },
        ]),
  ];
}

function Failing({ rows }: { readonly rows: readonly SourceRow[] }) {
  return (
    <ul class="failing">
      {rows.slice(0, 5).map((row) => (
        <li>
          <Tag tone="bad">{row.reason ?? 'failing'}</Tag>{' '}
          <span class="name" title={row.target}>
            {row.target}
          </span>
          <p class="small">{failureOf(row)}</p>
          {row.hint !== null && <p class="small strong">{row.hint}</p>}
        </li>
      ))}
      <li>
        <a href="/sources">All sources</a>
      </li>
    </ul>
  );
}
