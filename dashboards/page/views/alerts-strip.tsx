import { moment } from '../format.ts';
import type { PageAlert, Told } from '../reader.ts';
import { Tag } from './parts.tsx';

const most = 4;

/** What fires now, above everything else; nothing where nothing does. */
export function Firing({ told }: { readonly told: Told<readonly PageAlert[]> }) {
  const firing = told.ok ? told.value.filter(({ state }) => state === 'firing') : [];
  const unheard = firing.filter((one) => one.silencedBy.length === 0 && one.acknowledged === null);
  // Thresholds of one budget say the same sentence.
  const loud = [...new Map(unheard.map((one) => [sentenceOf(one), one])).values()];
  if (loud.length === 0) return null;
  return (
    <section class="firing" aria-label="Alerts that are firing">
      <ul>
        {loud.slice(0, most).map((alert) => (
          <li>
            <Tag tone="bad">{alert.labels['severity'] ?? 'firing'}</Tag>{' '}
            <a href={`/alerts#${alert.fingerprint}`} title={sentenceOf(alert)}>
              {sentenceOf(alert)}
            </a>{' '}
            <span class="quiet"> since {moment(alert.activeAt)} UTC</span>
          </li>
        ))}
        {loud.length > most && (
          <li>
            <a href="/alerts">{`${loud.length - most} more`}</a>
          </li>
        )}
      </ul>
    </section>
  );
}

function sentenceOf({ annotations, name }: PageAlert): string {
  return annotations['summary'] ?? name;
}
