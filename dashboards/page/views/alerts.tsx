import type { AlertState, Silence } from '../../../agent/core/alert.ts';
import type { Instant } from '../../../agent/core/time.ts';
import { iso, many, moment, period } from '../format.ts';
import { apiLink } from '../links.ts';
import type { DeliveryRow, PageAlert, PageVisit, Told } from '../reader.ts';
import { AcknowledgeForm, EndForm, SilenceForm } from './alert-forms.tsx';
import { Deliveries } from './deliveries.tsx';
import { Answered, Empty, Section, Table, Tag } from './parts.tsx';
import type { Tone } from './parts.tsx';

const tones: Readonly<Record<AlertState, Tone>> = {
  firing: 'bad',
  pending: 'warn',
  resolved: 'good',
  corrected: 'quiet',
  inactive: 'quiet',
};

const mostEnded = 50;

export interface AlertsData {
  readonly alerts: Told<readonly PageAlert[]>;
  readonly silences: Told<readonly Silence[]>;
  readonly deliveries: Told<readonly DeliveryRow[]>;
}

export function AlertsView(props: {
  readonly data: AlertsData;
  readonly visit: PageVisit;
  readonly now: Instant;
  /** What the last form did, or why not. */
  readonly done?: Told<string> | undefined;
}) {
  const { data, visit, now, done } = props;
  const mayChange = visit.actions !== undefined;
  return (
    <>
      <h1>Alerts</h1>
      {done !== undefined && (
        <p class={done.ok ? 'done' : 'problem'} role={done.ok ? 'status' : 'alert'}>
          {done.ok ? done.value : `Not done: ${done.why}`}
        </p>
      )}
      {!mayChange && (
        <p class="quiet">
          What you are signed in with may read only: a token of scope write takes alerts on.
        </p>
      )}
      <Section
        id="active"
        title="What is active?"
        note="A summary is as of the last time it was looked at; times are UTC."
        api={apiLink('alerts', { more: { state: 'firing,pending' } })}
      >
        <Answered
          told={data.alerts}
          show={(all) => {
            const active = all.filter(({ state }) => state === 'firing' || state === 'pending');
            return active.length === 0 ? (
              <p class="quiet">Nothing fires, and nothing is about to.</p>
            ) : (
              <ul class="alerts">
                {active.map((alert) => (
                  <AlertItem alert={alert} visit={visit} />
                ))}
              </ul>
            );
          }}
        />
      </Section>
      <Section id="silences" title="What is kept quiet?" api={apiLink('silences')}>
        <Answered
          told={data.silences}
          show={(all) => <Silences all={all} now={now} visit={visit} />}
        />
      </Section>
      <Deliveries told={data.deliveries} mayChange={mayChange} />
      <Section
        id="ended"
        title="What was?"
        api={apiLink('alerts', { more: { state: 'resolved,corrected' } })}
      >
        <Answered told={data.alerts} show={(all) => <Ended all={all} />} />
      </Section>
    </>
  );
}

function AlertItem({ alert, visit }: { readonly alert: PageAlert; readonly visit: PageVisit }) {
  const { labels, annotations, acknowledged } = alert;
  return (
    <li id={alert.fingerprint}>
      <p class="line">
        <span>
          <Tag tone={tones[alert.state]}>{alert.state}</Tag>{' '}
          <Tag tone="quiet">{labels['severity'] ?? 'no severity'}</Tag>{' '}
          {alert.silencedBy.length > 0 && <Tag tone="quiet">silenced</Tag>}{' '}
          {alert.incomplete && <Tag tone="warn">at least</Tag>}{' '}
          {alert.noData && <Tag tone="warn">no data at present</Tag>}
        </span>
        <span class="quiet">
          since <time datetime={iso(alert.activeAt)}>{moment(alert.activeAt)}</time>
          {alert.period !== null && `, period ${period(alert.period)}`}, {alert.certainty}
        </span>
      </p>
      <p class="summary">{annotations['summary'] ?? alert.name}</p>
      <p class="labels">
        {Object.entries(labels).map(([name, value]) => (
          <span title={`${name}: ${value}`}>
            <span class="quiet">{name}</span> {value}
          </span>
        ))}
        {annotations['runbook_url'] !== undefined && isWeb(annotations['runbook_url']) && (
          <a href={annotations['runbook_url']} rel="noreferrer">
            runbook
          </a>
        )}
      </p>
      {acknowledged !== null && (
        <p class="quiet">
          Taken on by {acknowledged.by} at {moment(acknowledged.at)}
          {acknowledged.note !== '' && `: ${acknowledged.note}`}
        </p>
      )}
      <details>
        <summary>History, {many(alert.events.length, 'change')}</summary>
        <ol class="history">
          {alert.events.slice(-20).map(({ at, from, to, note }) => (
            <li>
              <time datetime={iso(at)}>{moment(at)}</time> {from} → {to} {note}
            </li>
          ))}
        </ol>
      </details>
      {visit.actions !== undefined && (
        <div class="forms">
          {alert.state === 'firing' && acknowledged === null && (
            <AcknowledgeForm fingerprint={alert.fingerprint} user={visit.user} />
          )}
          {alert.silencedBy.length === 0 && <SilenceForm labels={labels} user={visit.user} />}
        </div>
      )}
    </li>
  );
}

/** A link that only leads somewhere, whatever the configuration says. */
function isWeb(url: string): boolean {
  return /^https?:\/\//i.test(url);
}

function Silences(props: {
  readonly all: readonly Silence[];
  readonly now: Instant;
  readonly visit: PageVisit;
}) {
  const held = props.all.filter(({ endsAt }) => endsAt > props.now);
  if (held.length === 0) return <p class="quiet">No silence holds.</p>;
  return (
    <Table caption="Silences that hold or will">
      <thead>
        <tr>
          <th scope="col">keeps quiet what has</th>
          <th scope="col">from, UTC</th>
          <th scope="col">to, UTC</th>
          <th scope="col">by</th>
          <th scope="col">comment</th>
          <th scope="col">
            <span class="unseen">end it</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {held.map((one) => (
          <tr>
            <th scope="row">
              {one.matchers
                .map(({ name, value, isEqual }) => `${name} ${isEqual ? '=' : '≠'} ${value}`)
                .join(', ')}
            </th>
            <td>{moment(one.startsAt)}</td>
            <td>{moment(one.endsAt)}</td>
            <td>{one.createdBy}</td>
            <td>{one.comment}</td>
            <td>{props.visit.actions !== undefined && <EndForm id={one.id} />}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Ended({ all }: { readonly all: readonly PageAlert[] }) {
  const ended = all.filter(({ state }) => state !== 'firing' && state !== 'pending');
  if (ended.length === 0) {
    return (
      <Empty>
        <p>
          Nothing has fired and ended yet. Budgets with <code>alerts</code> and <code>rules</code>{' '}
          in crossbill.yaml say what does; <code>crossbill alerts test NOTIFIER</code> tries who is
          told.
        </p>
      </Empty>
    );
  }
  return (
    <Table caption={`Ended alerts, newest first; the newest ${mostEnded}`}>
      <thead>
        <tr>
          <th scope="col">state</th>
          <th scope="col">from, UTC</th>
          <th scope="col">to, UTC</th>
          <th scope="col">what</th>
        </tr>
      </thead>
      <tbody>
        {ended.slice(0, mostEnded).map((alert) => (
          <tr id={alert.fingerprint}>
            <td>
              <Tag tone={tones[alert.state]}>{alert.state}</Tag>
            </td>
            <td>{moment(alert.activeAt)}</td>
            <td>{alert.endedAt === null ? '' : moment(alert.endedAt)}</td>
            <th scope="row" class="text">
              {alert.annotations['summary'] ?? alert.name}
            </th>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
