import type { Instant, Window } from '../../../agent/core/time.ts';
import { Bar } from '../charts/bar.tsx';
import { tokensOf } from '../figures.ts';
import {
  count,
  dayMs,
  hourMs,
  minuteMs,
  moment,
  period,
  share,
  short,
  usd,
  unknown,
} from '../format.ts';
import { apiLink, explainLink, sumLink, withFilter } from '../links.ts';
import type { PageFilters, Told, UsageAnswer, UsageRow } from '../reader.ts';
import { Answered, Name, Num, Origins, Section, Table } from './parts.tsx';

/** What a figure is the sum of: models, then days, then hours, then minutes, each of which can be walked back. */
export interface Sums {
  readonly range: Window;
  readonly filters: PageFilters;
  readonly by: 'model' | 'time';
  readonly stepMs: number | 'total';
  readonly told: Told<UsageAnswer>;
}

/** The question that splits a figure once more. */
export function splitOf(range: Window, filters: PageFilters): Pick<Sums, 'by' | 'stepMs'> {
  if (!isOneModel(filters)) return { by: 'model', stepMs: 'total' };
  const length = range.end - range.start;
  if (length > 3 * dayMs) return { by: 'time', stepMs: dayMs };
  return { by: 'time', stepMs: length > hourMs ? hourMs : minuteMs };
}

function isOneModel(filters: PageFilters): boolean {
  const models = filters.get('model') ?? [];
  return models.length === 1 && !models.some((model) => model.endsWith('*'));
}

export function SumsView({ sums }: { readonly sums: Sums }) {
  const { range, filters, by, stepMs, told } = sums;
  const of = [...filters].map(([name, values]) => `${name} ${values.join(', ')}`).join(', ');
  const step = stepMs === dayMs ? '1d' : stepMs === hourMs ? '1h' : '1m';
  const more = by === 'model' ? { step: 'total', group_by: 'model' } : { step };
  const part = by === 'model' ? 'model' : { '1d': 'day', '1h': 'hour', '1m': 'minute' }[step];
  return (
    <>
      <h1>What adds up to it</h1>
      <p class="lead">
        {of === '' ? 'All usage' : of}, {period(range)}. A figure of a range is the sum of its
        parts; each {part} below leads further, down to the hour or minute that is walked back to
        readings and prices.
      </p>
      <Section id="sums" title={`By ${part}`} api={apiLink('usage', { range, filters, more })}>
        <Answered
          told={told}
          show={({ rows }) => <SumTable rows={rows} sums={sums} part={part} />}
        />
      </Section>
    </>
  );
}

function SumTable(props: {
  readonly rows: readonly UsageRow[];
  readonly sums: Sums;
  readonly part: string;
}) {
  const { sums, part } = props;
  const used = props.rows.filter((row) => (tokensOf(row) ?? 0) > 0 || (row.cost_usd ?? 0) > 0);
  if (used.length === 0) return <p class="quiet">Nothing was used in this period.</p>;
  const all = used.reduce((sum, row) => sum + (row.cost_usd ?? 0), 0);
  const sorted =
    sums.by === 'model'
      ? used.toSorted((a, b) => (b.cost_usd ?? -1) - (a.cost_usd ?? -1))
      : used.toReversed();
  const total = (pick: (row: UsageRow) => number | null) =>
    used.reduce((sum, row) => sum + (pick(row) ?? 0), 0);
  return (
    <Table caption={`Cost, tokens and requests by ${part}, ${period(sums.range)}`}>
      <thead>
        <tr>
          <th scope="col">{sums.by === 'model' ? 'model' : `${part}, UTC`}</th>
          <th scope="col" class="right">
            cost, USD
          </th>
          <th scope="col" class="wide">
            <span class="unseen">as a line</span>
          </th>
          <th scope="col" class="right">
            share
          </th>
          <th scope="col" class="right">
            tokens
          </th>
          <th scope="col" class="right">
            requests
          </th>
          <th scope="col" class="right">
            settled
          </th>
          <th scope="col">
            <span class="unseen">where from</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((row) => (
          <SumRow row={row} sums={sums} part={all > 0 ? (row.cost_usd ?? 0) / all : 0} />
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">total</th>
          <td class="right strong">
            <Num text={usd(all)} />
          </td>
          <td class="wide"></td>
          <td class="right"></td>
          <td class="right">
            <Num text={short(total(tokensOf))} whole={`${count(total(tokensOf))} tokens`} />
          </td>
          <td class="right">
            <Num text={count(total((row) => row.requests))} />
          </td>
          <td></td>
          <td></td>
        </tr>
      </tfoot>
    </Table>
  );
}

function SumRow(props: { readonly row: UsageRow; readonly sums: Sums; readonly part: number }) {
  const { row, part } = props;
  const { by, filters, range, stepMs } = props.sums;
  const at = Date.parse(row.time);
  const name = by === 'model' ? String(row['model'] ?? '') : moment(at);
  const only = by === 'model' ? withFilter(filters, 'model', name) : filters;
  const own = by === 'model' ? range : clipped(range, at, stepMs);
  const href =
    by === 'time' && stepMs !== dayMs ? walkLink(at, stepMs, filters) : sumLink(own, only);
  return (
    <tr>
      <th scope="row">
        <Name text={name} href={href} says="what adds up to it" />
      </th>
      <td class="right strong">
        <Num
          text={usd(row.cost_usd)}
          whole={row.cost_usd === null ? 'no price' : `${row.cost_usd} USD`}
        />
      </td>
      <td class="wide">
        <Bar part={part} />
      </td>
      <td class="right">{row.cost_usd === null ? unknown : share(part)}</td>
      <td class="right">
        <Num text={short(tokensOf(row))} whole={`${count(tokensOf(row))} tokens`} />
      </td>
      <td class="right">
        <Num text={count(row.requests)} />
      </td>
      <td class="right">{share(row.settled)}</td>
      <td>
        <Origins
          of={name}
          explain={href}
          api={apiLink('usage', { range: own, filters: only, more: { step: 'total' } })}
        />
      </td>
    </tr>
  );
}

function walkLink(at: Instant, stepMs: number | 'total', filters: PageFilters): string {
  return explainLink(at, stepMs === minuteMs ? '1m' : '1h', filters);
}

function clipped(range: Window, at: Instant, stepMs: number | 'total'): Window {
  if (stepMs === 'total') return range;
  return { start: Math.max(range.start, at), end: Math.min(range.end, at + stepMs) };
}
