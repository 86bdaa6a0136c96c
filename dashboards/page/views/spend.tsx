import { slotOf, stackOf } from '../charts/stack.ts';
import type { Stack } from '../charts/stack.ts';
import { StackedBars } from '../charts/stacked-bars.tsx';
import { iso, moment, period, usd } from '../format.ts';
import { apiLink } from '../links.ts';
import type { Overview } from '../overview-data.ts';
import { stepLengths } from '../state.ts';
import type { PageState } from '../state.ts';
import { Answered, Nothing, Num, Section, Table } from './parts.tsx';

const mostTableRows = 48;

/** Dollars over time, by what drivers are told apart by. */
export function Spend({ data, state }: { readonly data: Overview; readonly state: PageState }) {
  const { range, step, groupBy, filters } = state;
  return (
    <Section
      id="spend"
      title={`Spend by ${groupBy}`}
      note={`USD a ${step} bucket, ${period(range)}; buckets are UTC, one that was not read is empty.`}
      api={apiLink('usage', { range, filters, more: { step, group_by: groupBy } })}
    >
      <Answered
        told={data.series}
        show={({ rows, newest }) => {
          const stack = stackOf(rows, groupBy);
          if (stack.layers.length === 0) {
            const says = 'Nothing that has a price was used in this period.';
            return <Nothing newest={newest} says={says} />;
          }
          return (
            <>
              <StackedBars
                stack={stack}
                range={range}
                stepMs={stepLengths[step]}
                says={`Spend by ${groupBy}, ${period(range)}: ${spoken(stack)}`}
              />
              <Legend stack={stack} />
              <Numbers stack={stack} step={step} />
            </>
          );
        }}
      />
    </Section>
  );
}

function spoken({ layers }: Stack): string {
  return layers.map(({ name, sum }) => `${name || '(none)'} ${usd(sum)}`).join(', ');
}

function Legend({ stack }: { readonly stack: Stack }) {
  return (
    <>
      <p class="pointed-at" aria-hidden="true"></p>
      <ul class="legend" aria-hidden="true">
        {stack.layers.map(({ name, slot }) => (
          <li>
            <span class={`swatch s${slot}`}></span>
            <span class="name" title={name}>
              {name || '(none)'}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Numbers({ stack, step }: { readonly stack: Stack; readonly step: string }) {
  const first = Math.max(0, stack.times.length - mostTableRows);
  const caption = `USD by ${step} bucket, newest first${first > 0 ? `; the newest ${mostTableRows}` : ''}`;
  return (
    <details>
      <summary>The same as a table</summary>
      <Table caption={caption} hidden={false}>
        <thead>
          <tr>
            <th scope="col">from, UTC</th>
            {stack.layers.map(({ name }) => (
              <th scope="col" class="right">
                <span class="name" title={name}>
                  {name || '(none)'}
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {stack.times
            .map((time, index) => ({ time, index }))
            .slice(first)
            .toReversed()
            .map(({ time, index }) => (
              <tr>
                <th scope="row">
                  <time datetime={iso(time)}>{moment(time)}</time>
                </th>
                {stack.layers.map(({ values }) => (
                  <td class="right">
                    <Num text={usd(values[index])} />
                  </td>
                ))}
              </tr>
            ))}
        </tbody>
      </Table>
    </details>
  );
}

/** The colour of a driver in the chart above. */
export function driverSlot(data: Overview, state: PageState): (name: string) => number {
  if (!data.series.ok) return () => 0;
  const stack = stackOf(data.series.value.rows, state.groupBy);
  return (name) => slotOf(stack, name) ?? 6;
}
