import { Bar } from '../charts/bar.tsx';
import { perMillion, throttleRatio, tokensOf } from '../figures.ts';
import { count, percentChange, period, ratio, share, short, unknown, usd } from '../format.ts';
import { apiLink, overviewLink, sumLink, withFilter } from '../links.ts';
import type { Overview } from '../overview-data.ts';
import type { ChangeRow, UsageAnswer, UsageRow } from '../reader.ts';
import { drillDimensions } from '../state.ts';
import type { DrillDimension, PageState } from '../state.ts';
import { Answered, Name, Nothing, Num, Origins, Section, Table } from './parts.tsx';
import { driverSlot } from './spend.tsx';

const mostRows = 25;

/** What drives spend: who costs how much, dearest first; a row leads to itself alone. */
export function Drivers({ data, state }: { readonly data: Overview; readonly state: PageState }) {
  const { range, filters, groupBy } = state;
  return (
    <Section
      id="drivers"
      title="What drives spend?"
      note={period(range)}
      api={apiLink('usage', { range, filters, more: { step: 'total', group_by: groupBy } })}
    >
      <nav class="tabs" aria-label="Tell drivers apart by">
        {drillDimensions.map((name) => (
          <a
            href={overviewLink(state, { groupBy: name, step: state.step })}
            aria-current={name === groupBy ? 'true' : undefined}
          >
            {name}
          </a>
        ))}
      </nav>
      <Answered
        told={data.drivers}
        show={(answer) => <DriverTable answer={answer} data={data} state={state} />}
      />
    </Section>
  );
}

function DriverTable(props: {
  readonly answer: UsageAnswer;
  readonly data: Overview;
  readonly state: PageState;
}) {
  const { answer, data, state } = props;
  const { groupBy, range } = state;
  const nameOf = (row: UsageRow) => String(row[groupBy] ?? '');
  const used = answer.rows.filter((row) => (tokensOf(row) ?? 0) > 0 || (row.cost_usd ?? 0) > 0);
  const rows = used.toSorted((a, b) => (b.cost_usd ?? -1) - (a.cost_usd ?? -1));
  if (rows.length === 0) {
    return <Nothing newest={answer.newest} says="Nothing was used in this period." />;
  }
  const all = rows.reduce((sum, row) => sum + (row.cost_usd ?? 0), 0);
  const before = new Map(
    data.changes.ok
      ? data.changes.value.map((row) => [String(row[groupBy] ?? ''), wholeBefore(row)] as const)
      : [],
  );
  const slot = driverSlot(data, state);
  const left = rows.slice(mostRows);
  return (
    <Table caption={`What drives spend, by ${groupBy}, ${period(range)}`} class="drivers">
      <thead>
        <tr>
          <th scope="col">{groupBy}</th>
          <th scope="col" class="right">
            cost, USD
          </th>
          <th scope="col" class="wide">
            <span class="unseen">as a line</span>
          </th>
          <th scope="col" class="right">
            share
          </th>
          <th scope="col" class="right" title="Against the period before, of the same length">
            change
          </th>
          <th scope="col" class="right">
            tokens
          </th>
          <th scope="col" class="right">
            USD a million
          </th>
          <th scope="col" class="right">
            requests
          </th>
          <th scope="col" class="right">
            throttled
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
        {rows.slice(0, mostRows).map((row) => (
          <DriverRow
            row={row}
            before={before.get(nameOf(row)) ?? null}
            name={nameOf(row)}
            part={all > 0 ? (row.cost_usd ?? 0) / all : 0}
            slot={slot(nameOf(row))}
            state={state}
          />
        ))}
        {left.length > 0 && (
          <tr>
            <th scope="row">{`${left.length} more`}</th>
            <td class="right">
              <Num text={usd(left.reduce((sum, row) => sum + (row.cost_usd ?? 0), 0))} />
            </td>
            <td colspan={9} class="quiet">
              are in the API's answer
            </td>
          </tr>
        )}
      </tbody>
    </Table>
  );
}

function DriverRow(props: {
  readonly row: UsageRow;
  readonly before: number | null;
  readonly name: string;
  readonly part: number;
  readonly slot: number;
  readonly state: PageState;
}) {
  const { row, before, name, part, slot, state } = props;
  const { groupBy, range, filters } = state;
  const only = name === '' ? undefined : withFilter(filters, groupBy, name);
  const more =
    only === undefined ? undefined : { filters: only, groupBy: nextOf(groupBy, filters) };
  const drill = more === undefined ? undefined : overviewLink(state, { ...more, step: state.step });
  const of = `${groupBy} ${name}`;
  return (
    <tr>
      <th scope="row">
        <span class={`swatch s${slot}`}></span>
        <Name text={name} href={drill} says="this alone" />
      </th>
      <td class="right strong">
        <Cost row={row} />
      </td>
      <td class="wide">
        <Bar part={part} slot={slot} />
      </td>
      <td class="right">{row.cost_usd === null ? unknown : share(part)}</td>
      <td class="right">
        <Num
          text={percentChange(row.cost_usd, before)}
          whole={`from ${usd(before)} USD in the period before`}
        />
      </td>
      <td class="right">
        <Num text={short(tokensOf(row))} whole={`${count(tokensOf(row))} tokens`} />
      </td>
      <td class="right">
        <Num text={usd(perMillion(row))} />
      </td>
      <td class="right">
        <Num text={short(row.requests)} whole={`${count(row.requests)} requests`} />
      </td>
      <td class="right">
        <Num
          text={ratio(throttleRatio(row))}
          whole={`${count(row.throttles)} throttled requests`}
        />
      </td>
      <td class="right">{share(row.settled)}</td>
      <td>
        <Origins
          of={of}
          explain={only === undefined ? undefined : sumLink(range, only)}
          api={apiLink('usage', {
            range,
            filters: only ?? filters,
            more: { step: 'total', group_by: groupBy },
          })}
        />
      </td>
    </tr>
  );
}

function Cost({ row }: { readonly row: UsageRow }) {
  const { cost_usd: cost, cost_low_usd: low, cost_high_usd: high, unpriced_tokens: without } = row;
  if (cost === null) return <span class="tag warn">no price</span>;
  const span = low === high ? '' : `, between ${usd(low)} and ${usd(high)}`;
  const unpriced = (without ?? 0) > 0 ? `; ${count(without)} tokens have no price` : '';
  return (
    <>
      {low !== high && <span class="quiet">≈ </span>}
      <Num text={usd(cost)} whole={`${cost} USD${span}${unpriced}`} />
    </>
  );
}

/** What one looks at next: never what everything has in common by then. */
function nextOf(groupBy: DrillDimension, filters: PageState['filters']): DrillDimension {
  const order: readonly DrillDimension[] = [
    'model',
    'deployment',
    'region',
    'team',
    'tier',
    'cloud',
  ];
  return order.find((name) => name !== groupBy && !filters.has(name)) ?? groupBy;
}

/** A cost of a period that was not wholly read is less than what it was. */
function wholeBefore(row: ChangeRow): number | null {
  return row.covered_before >= 0.99 ? row.cost_before_usd : null;
}
