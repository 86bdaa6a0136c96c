import { count, duration, iso, instantOf, moment, unknown, usd } from '../format.ts';
import { apiLink } from '../links.ts';
import type { SourceRow, Told } from '../reader.ts';
import { failureOf } from './failure.ts';
import { Answered, Empty, Name, Num, Section, Table, Tag } from './parts.tsx';
import type { Tone } from './parts.tsx';

const tones: Readonly<Record<SourceRow['state'], Tone>> = {
  ok: 'good',
  failing: 'bad',
  waiting: 'warn',
};

export function SourcesView({ told }: { readonly told: Told<readonly SourceRow[]> }) {
  return (
    <>
      <h1>Sources</h1>
      <Section
        id="sources"
        title="How is each source doing?"
        note="A row a target; calls and their cost are of today, UTC, at the clouds' list price."
        api={apiLink('sources')}
      >
        <Answered
          told={told}
          show={(rows) => (rows.length === 0 ? <NoSources /> : <SourceTable rows={rows} />)}
        />
      </Section>
    </>
  );
}

function SourceTable({ rows }: { readonly rows: readonly SourceRow[] }) {
  return (
    <Table caption="Targets of all sources, failing ones first" class="long-names">
      <thead>
        <tr>
          <th scope="col">target</th>
          <th scope="col">state</th>
          <th scope="col" class="right">
            lag
          </th>
          <th scope="col" class="right">
            settled up to, UTC
          </th>
          <th scope="col" class="right">
            last read, UTC
          </th>
          <th scope="col" class="right">
            read every
          </th>
          <th scope="col" class="right">
            series
          </th>
          <th scope="col" class="right">
            calls today
          </th>
          <th scope="col" class="right">
            USD today
          </th>
          <th scope="col" class="right">
            irregular points
          </th>
        </tr>
      </thead>
      <tbody>{rows.toSorted(worstFirst).flatMap(rowsOf)}</tbody>
    </Table>
  );
}

const ranks: Readonly<Record<SourceRow['state'], number>> = { failing: 0, waiting: 1, ok: 2 };

function worstFirst(a: SourceRow, b: SourceRow): number {
  return ranks[a.state] - ranks[b.state];
}

function rowsOf(row: SourceRow) {
  const says = [
    row.state === 'failing' && `${row.reason ?? 'failed'}: ${failureOf(row)}`,
    row.state === 'failing' && row.next_poll !== null && `Next try ${time(row.next_poll)} UTC.`,
    row.slowed,
  ].filter((text) => typeof text === 'string');
  return [
    <tr>
      <th scope="row">
        <Name text={row.target} />
      </th>
      <td>
        <Tag tone={tones[row.state]}>{row.state}</Tag>
      </td>
      <td class="right">
        <Num text={duration(row.lag_seconds)} />
      </td>
      <td class="right">
        <Moment text={row.watermark} />
      </td>
      <td class="right">
        <Moment text={row.last_success} />
      </td>
      <td class="right">
        <Num text={duration(row.cadence_seconds)} />
      </td>
      <td class="right">
        <Num text={count(row.series)} />
      </td>
      <td class="right">
        <Num text={count(row.api_calls_today)} />
      </td>
      <td class="right">
        <Num text={usd(row.api_cost_usd_today)} />
      </td>
      <td class="right">
        <Num text={count(row.irregularities)} whole={row.irregularity_kinds || 'none'} />
      </td>
    </tr>,
    ...(says.length > 0 || (row.state === 'failing' && row.hint !== null)
      ? [
          <tr class="more">
            <td colspan={10}>
              <div class="seen">
                {says.map((text) => (
                  <p>{text}</p>
                ))}
                {row.state === 'failing' && row.hint !== null && (
                  <p>
                    <strong>Fix:</strong> {row.hint}
                  </p>
                )}
              </div>
            </td>
          </tr>,
        ]
      : []),
  ];
}

function time(text: string | null): string {
  const at = instantOf(text);
  return at === null ? unknown : moment(at);
}

function Moment({ text }: { readonly text: string | null }) {
  const at = instantOf(text);
  return at === null ? <>{unknown}</> : <time datetime={iso(at)}>{moment(at)}</time>;
}

function NoSources() {
  return (
    <Empty>
      <p>
        No target is known yet. Where crossbill.yaml names no source, add one and restart the agent:{' '}
        <code>crossbill init</code> writes it from the credentials at hand. Where it names some,
        they are being listed.
      </p>
    </Empty>
  );
}
