import { createHash } from 'node:crypto';
import type { AlertMessage, Notifier } from '../core/alert.ts';
import type { Instant } from '../core/time.ts';
import { fingerprintOf } from './fingerprint.ts';

/** A message by which a person sees whether a notifier is reached. It is marked as a test in all it says. */
export function testMessage(
  { name, type }: Pick<Notifier, 'name' | 'type'>,
  at: Instant,
  link: string | null,
): AlertMessage {
  const labels = {
    alertname: 'crossbill_test',
    severity: 'info',
    notifier: name,
    notifier_type: type,
  };
  const key = `test/${name}`;
  const id = createHash('sha256').update(`${key}/${at}`).digest('hex').slice(0, 32);
  return {
    id: `msg_${id}`,
    type: 'alert.test',
    group: key,
    notifier: name,
    at,
    link,
    alerts: [
      {
        fingerprint: fingerprintOf(labels),
        key,
        group: key,
        name: 'crossbill_test',
        kind: 'test',
        labels,
        annotations: {
          summary: `Test of Crossbill: messages to ${name} arrive`,
          description: 'Somebody ran `crossbill alerts test`. Nothing is wrong.',
        },
        state: 'firing',
        activeAt: at,
        firedAt: at,
        endedAt: null,
        noData: false,
        value: null,
        threshold: null,
        unit: 'usd',
        certainty: 'settled',
        incomplete: false,
        dataUntil: at,
        period: null,
        notify: [name],
        acknowledged: null,
        silencedBy: [],
        notifiedAt: at,
      },
    ],
  };
}
