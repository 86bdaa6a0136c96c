import { callsOf } from './script.ts';
import type { Deed, FaultScript } from './script.ts';

/** A byte so rarely that no answer ends within any timeout. */
const dripEveryMs = 150;

/** What befalls the connection or the bytes, whatever they mean. */
const deeds: readonly (readonly [name: string, deed: Deed])[] = [
  ['empty body', { kind: 'alter', alter: (_call, answer) => ({ ...answer, body: '' }) }],
  ['hang', { kind: 'hang' }],
  ['reset', { kind: 'reset' }],
  ['slow drip', { kind: 'drip', everyMs: dripEveryMs }],
  [
    'cut body',
    {
      kind: 'alter',
      alter: (_call, answer) => ({
        ...answer,
        body: answer.body.slice(0, Math.floor(answer.body.length / 2)),
      }),
    },
  ],
];

export const brokenScripts: readonly FaultScript[] = (['aws', 'azure'] as const).flatMap((cloud) =>
  deeds.map(([name, deed]): FaultScript => ({ name, cloud, calls: callsOf[cloud], deed })),
);
