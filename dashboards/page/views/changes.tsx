import { ChangeBar } from '../charts/bar.tsx';
import { iso, percentChange, period, usd, centsChange } from '../format.ts';
import { apiLink, overviewLink, sumLink, withFilter } from '../links.ts';
import type { Overview } from '../overview-data.ts';
import type { ChangeRow } from '../reader.ts';
import type { PageState } from '../state.ts';
import { Answered, Name, Num, Origins, Section, Table } from './parts.tsx';

const mostRows = 10;

const parts = ['price', 'volume', 'mix', 'new', 'gone', 'capacity', 'unknown'] as const;
type Part = (typeof parts)[number];

const means: Readonly<Record<Part, string>> = {
  price: 'the same tokens at another price',
  volume: 'more or fewer tokens, everything else as it was',
  mix: 'other models, places or token types among them',
  new: 'models and places that used nothing before',
  gone: 'models and places that use nothing any more',
  capacity: 'provisioned capacity, paid by the hour',
  unknown: 'not read, or without a price, in one of the periods',
};

/** What costs more or less than before, and whether by price, volume or mix. */
export function Changes({ data, state }: { readonly data: Overview; readonly state: PageState }) {
  const { range, filters, groupBy } = state;
  const { before } = data;
  const api = apiLink('changes', {
    range,
    filters,
    more: { against: iso(before.start), group_by: groupBy },
  });
  return (
    <Section
      id="changes"
      title="What changed, and why?"
      note={`USD, ${period(range)} against ${period(before)}.`}
      api={api}
    >
      <Answered
        told={data.changes}
        show={(rows) => {
          if (rows.length === 0) {
            return <p class="quiet">Nothing is known to have been used in either period.</p>;
          }
          if (rows.every(({ change_usd: by }) => by === null)) {
            return (
              <p class="quiet">
                There is nothing to compare with: {period(before)} was not read, or has no price.
              </p>
            );
          }
          const moved = rows.filter(({ change_usd: by }) => by === null || Math.abs(by) >= 0.005);
          return moved.length === 0 ? (
            <p class="quiet">Nothing costs a cent more or less than before.</p>
          ) : (
            <ChangeTable rows={moved} data={data} state={state} api={api} />
          );
        }}
      />
    </Section>
  );
}

function ChangeTable(props: {
  readonly rows: readonly ChangeRow[];
  readonly data: Overview;
  readonly state: PageState;
  readonly api: string;
}) {
  const { rows, data, state, api } = props;
  const { groupBy, range, filters } = state;
  const most = Math.max(...rows.map((row) => Math.abs(row.change_usd ?? 0)), 0.01);
  const told = parts.filter((part) => rows.some((row) => Math.abs(valueOf(row, part)) >= 0.005));
  return (
    <>
      <Table
        caption={`What changed by ${groupBy}, USD, ${period(range)} against ${period(data.before)}`}
      >
        <thead>
          <tr>
            <th scope="col">{groupBy}</th>
            <th scope="col" class="right">
              before
            </th>
            <th scope="col" class="right">
              now
            </th>
            <th scope="col" class="right">
              change
            </th>
            <th scope="col" class="wide">
              <span class="unseen">as a line</span>
            </th>
            {told.map((part) => (
              <th scope="col" class="right" title={means[part]}>
                {part}
              </th>
            ))}
            <th scope="col">why</th>
            <th scope="col">
              <span class="unseen">where from</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, mostRows).map((row) => {
            const name = String(row[groupBy] ?? '');
            const only = name === '' ? undefined : withFilter(filters, groupBy, name);
            return (
              <tr>
                <th scope="row">
                  <Name text={name} href={only && overviewLink(state, { filters: only })} />
                </th>
                <td class="right">
                  <Num text={usd(row.cost_before_usd)} />
                </td>
                <td class="right">
                  <Num text={usd(row.cost_usd)} />
                </td>
                <td class="right strong">
                  <Num
                    text={centsChange(row.change_usd)}
                    whole={`${percentChange(row.cost_usd, row.cost_before_usd)} of ${usd(row.cost_before_usd)} USD`}
                  />
                </td>
                <td class="wide">
                  <ChangeBar part={(row.change_usd ?? 0) / most} />
                </td>
                {told.map((part) => (
                  <td class="right">
                    <Num
                      text={
                        Math.abs(valueOf(row, part)) < 0.005 ? '·' : centsChange(valueOf(row, part))
                      }
                    />
                  </td>
                ))}
                <td>
                  {row.why}
                  {row.incomplete && (
                    <span class="quiet" title="Not all of it was read in one of the periods">
                      {' '}
                      in part
                    </span>
                  )}
                </td>
                <td>
                  <Origins
                    of={`the change of ${name}`}
                    explain={only && sumLink(range, only)}
                    api={api}
                  />
                </td>
              </tr>
            );
          })}
        </tbody>
      </Table>
      <p class="quiet small">
        {told.length > 0 && `${told.map((part) => `${part}: ${means[part]}`).join('; ')}.`}
        {rows.length > mostRows &&
          ` ${rows.length - mostRows} smaller changes are in the API's answer.`}
      </p>
    </>
  );
}

function valueOf(row: ChangeRow, part: Part): number {
  const value = row[`${part}_usd`];
  return typeof value === 'number' ? value : 0;
}
