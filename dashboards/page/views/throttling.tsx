import { errorRatio, throttleRatio } from '../figures.ts';
import { count, latency, period, ratio, short } from '../format.ts';
import { apiLink, overviewLink, sumLink, withFilter } from '../links.ts';
import type { Overview } from '../overview-data.ts';
import type { LatencyRow, UsageAnswer, UsageRow } from '../reader.ts';
import type { PageState } from '../state.ts';
import { Answered, Name, Nothing, Num, Origins, Section, Table } from './parts.tsx';

const mostRows = 15;

/** Who was turned away, who failed and how long the others waited, by model and cloud. */
export function Throttling({
  data,
  state,
}: {
  readonly data: Overview;
  readonly state: PageState;
}) {
  const { range, filters } = state;
  const more = { step: 'total', group_by: 'model,cloud' };
  return (
    <Section
      id="throttling"
      title="Is anything throttled?"
      note={`Requests and latency by model and cloud, ${period(range)}. Throttled requests are not among the accepted ones.`}
      api={apiLink('usage', { range, filters, more })}
    >
      <Answered
        told={data.traffic}
        show={(answer) => (
          <TrafficTable
            answer={answer}
            latencies={data.latency.ok ? data.latency.value : []}
            state={state}
          />
        )}
      />
      {!data.latency.ok && <p class="problem">Latency is not shown: {data.latency.why}</p>}
    </Section>
  );
}

function TrafficTable(props: {
  readonly answer: UsageAnswer;
  readonly latencies: readonly LatencyRow[];
  readonly state: PageState;
}) {
  const { answer, latencies, state } = props;
  const { range, filters } = state;
  const rows = answer.rows
    .filter((row) => (row.requests ?? 0) + (row.throttles ?? 0) > 0)
    .toSorted((a, b) => (throttleRatio(b) ?? -1) - (throttleRatio(a) ?? -1));
  if (rows.length === 0) {
    return <Nothing newest={answer.newest} says="No requests were counted in this period." />;
  }
  const latencyOf = (row: UsageRow, phase: string) =>
    latencies.find(
      (one) =>
        one['model'] === row['model'] && one['cloud'] === row['cloud'] && one.phase === phase,
    );
  return (
    <Table caption={`Throttling, errors and latency by model and cloud, ${period(range)}`}>
      <thead>
        <tr>
          <th scope="col">model</th>
          <th scope="col">cloud</th>
          <th scope="col" class="right">
            throttled
          </th>
          <th scope="col" class="right">
            throttled requests
          </th>
          <th scope="col" class="right">
            accepted requests
          </th>
          <th scope="col" class="right">
            failed
          </th>
          <th scope="col" class="right" title="Until the first token, on average">
            first token, mean
          </th>
          <th scope="col" class="right" title="Until the last token, on average">
            request, mean
          </th>
          <th scope="col" class="right" title="The slowest request">
            slowest
          </th>
          <th scope="col">
            <span class="unseen">where from</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.slice(0, mostRows).map((row) => {
          const model = String(row['model'] ?? '');
          const cloud = String(row['cloud'] ?? '');
          const only = withFilter(withFilter(filters, 'model', model), 'cloud', cloud);
          const whole = latencyOf(row, 'request');
          const part = throttleRatio(row);
          return (
            <tr>
              <th scope="row">
                <Name
                  text={model}
                  href={overviewLink(state, { filters: only, groupBy: 'deployment' })}
                />
              </th>
              <td>{cloud}</td>
              <td class={`right strong ${(part ?? 0) >= 0.02 ? 'bad' : ''}`}>
                <Num text={ratio(part)} />
              </td>
              <td class="right">
                <Num text={count(row.throttles)} />
              </td>
              <td class="right">
                <Num text={short(row.requests)} whole={`${count(row.requests)} requests`} />
              </td>
              <td class="right">
                <Num text={ratio(errorRatio(row))} whole={`${count(row.errors)} requests`} />
              </td>
              <td class="right">
                <Num text={latency(latencyOf(row, 'first_token')?.avg_ms)} />
              </td>
              <td class="right">
                <Num text={latency(whole?.avg_ms)} />
              </td>
              <td class="right">
                <Num text={latency(whole?.max_ms)} />
              </td>
              <td>
                <Origins
                  of={`requests to ${model} on ${cloud}`}
                  explain={sumLink(range, only)}
                  api={apiLink('latency', {
                    range,
                    filters: only,
                    more: { step: 'total', group_by: 'model,cloud' },
                  })}
                />
              </td>
            </tr>
          );
        })}
      </tbody>
    </Table>
  );
}
