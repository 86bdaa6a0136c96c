import { count, instantOf, many, moment, unknown } from '../format.ts';
import { apiLink } from '../links.ts';
import type { DeliveryRow, Told } from '../reader.ts';
import { RetryForm } from './alert-forms.tsx';
import { Answered, Name, Num, Section, Table, Tag } from './parts.tsx';
import type { Tone } from './parts.tsx';

const tones: Readonly<Record<DeliveryRow['state'], Tone>> = {
  delivered: 'good',
  waiting: 'warn',
  dead: 'bad',
};

/** What was sent to whom, what waits, and what was given up. */
export function Deliveries(props: {
  readonly told: Told<readonly DeliveryRow[]>;
  readonly mayChange: boolean;
}) {
  return (
    <Section
      id="deliveries"
      title="Who was told?"
      note="The newest messages, one a notifier. Dead: given up after the last attempt."
      api={apiLink('deliveries')}
    >
      <Answered
        told={props.told}
        show={(rows) =>
          rows.length === 0 ? (
            <p class="quiet">
              No message was sent yet. <code>notifiers</code> in crossbill.yaml say to whom;{' '}
              <code>crossbill alerts test NOTIFIER</code> sends one.
            </p>
          ) : (
            <DeliveryTable rows={rows} mayChange={props.mayChange} />
          )
        }
      />
    </Section>
  );
}

function DeliveryTable(props: {
  readonly rows: readonly DeliveryRow[];
  readonly mayChange: boolean;
}) {
  return (
    <Table caption="Messages on their way or sent, newest first">
      <thead>
        <tr>
          <th scope="col">to</th>
          <th scope="col">state</th>
          <th scope="col">about</th>
          <th scope="col">from, UTC</th>
          <th scope="col">delivered or next try, UTC</th>
          <th scope="col" class="right">
            attempts
          </th>
          <th scope="col">last answer</th>
          <th scope="col">
            <span class="unseen">send again</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {props.rows.map((row) => (
          <tr>
            <th scope="row">
              <Name text={row.notifier} />
            </th>
            <td>
              <Tag tone={tones[row.state]}>{row.state}</Tag>
            </td>
            <td>
              {row.type.replace('alert.', '')}, {many(row.alerts, 'alert')}
            </td>
            <td>{time(row.created)}</td>
            <td>{whenOf(row)}</td>
            <td class="right">
              <Num text={count(row.attempts)} />
            </td>
            <td>
              <LastAnswer row={row} />
            </td>
            <td>
              {props.mayChange && row.state !== 'delivered' && (
                <RetryForm id={row.id} to={row.notifier} />
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function whenOf({ state, delivered, next_try: next }: DeliveryRow): string {
  if (state === 'delivered') return time(delivered);
  return state === 'dead' ? 'never, unless sent again' : `next ${time(next)}`;
}

function time(text: string | null): string {
  const at = instantOf(text);
  return at === null ? unknown : moment(at);
}

function LastAnswer({ row }: { readonly row: DeliveryRow }) {
  const { last_status: status, last_answer: answer } = row;
  const text = [status === null ? '' : `HTTP ${status}`, answer].filter((one) => one !== '');
  return text.length === 0 ? <>{unknown}</> : <Name text={text.join(': ')} />;
}
