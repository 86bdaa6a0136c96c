import { minuteMs, secondMs } from '../../agent/core/time.ts';
import type { Call } from '../../collectors/emulator/faults.ts';
import { faultScripts } from '../../collectors/emulator/faults/scripts.ts';
import type { FaultScript } from '../../collectors/emulator/faults/script.ts';
import type { Cell } from './cell.ts';

/** Longer than the newest minutes that every poll reads again, so that what is missed is a gap. */
const usualMs = 21 * minuteMs;
/** Just past the first poll and the first listing. */
const briefMs = 9 * minuteMs + 3 * secondMs;
const patientTimeoutMs = 20_000;
/** Of calls that never end: far above an honest answer, which takes some milliseconds. */
const shortTimeoutMs = 2_000;

/** One of each reason lasts long; how the gap behind it is filled does not depend on what was said meanwhile. */
const lasting: readonly string[] = ['429', 'denied', 'reset', 'wrong types'];
const neverEnding: readonly string[] = ['hang', 'slow drip'];
/** What a running agent has at hand and does not ask for again: a role's session, an account's definitions. */
const remembered: readonly string[] = ['sts:AssumeRole', 'metricDefinitions'];

/** One place of each cloud is befallen, so that the others can be seen to go on. */
function isBefallen({ operation, account, region, body }: Call): boolean {
  if (operation === 'sts:AssumeRole' || operation === 'subscriptions') return true;
  if (operation === 'accounts') return account.endsWith('1');
  if (operation === 'getBatch') return body.includes('aoai-east');
  return (account === '111122223333' && region === 'us-east-1') || region === 'eastus';
}

function cellOf(script: FaultScript, call: string): Cell {
  return {
    script: script.name,
    cloud: script.cloud,
    call,
    match: (asked) => asked.operation === call && isBefallen(asked),
    restarts: remembered.includes(call),
    lastsMs: lasting.includes(script.name) ? usualMs : briefMs,
    timeoutMs: neverEnding.includes(script.name) ? shortTimeoutMs : patientTimeoutMs,
  };
}

/** A whole region or subscription that may no longer be looked at. */
const deniedPlaces: readonly Cell[] = (
  [
    ['aws', 'every call of a region'],
    ['azure', 'every call of a subscription'],
  ] as const
).map(([cloud, call]): Cell => ({
  script: 'denied',
  cloud,
  call,
  match: ({ account, region, operation }) =>
    cloud === 'aws'
      ? account === '111122223333' && region === 'us-east-1' && !operation.startsWith('sts:')
      : account.endsWith('1'),
  restarts: false,
  lastsMs: usualMs,
  timeoutMs: patientTimeoutMs,
}));

/** One of the two namespaces of a region: its failure has the very name of a target. */
const halfListed: Cell = {
  script: '429',
  cloud: 'aws',
  call: 'monitoring:ListMetrics of one namespace',
  match: ({ operation, account, region, body }) =>
    operation === 'monitoring:ListMetrics' &&
    account === '111122223333' &&
    region === 'us-east-1' &&
    body.includes('"AWS/Bedrock"'),
  restarts: false,
  lastsMs: usualMs,
  timeoutMs: patientTimeoutMs,
};

/** Every script × call of a cloud. */
export function cellsOf(cloud: Cell['cloud']): readonly Cell[] {
  const plain = faultScripts
    .filter((script) => script.cloud === cloud && script.deed.kind !== 'skew')
    .flatMap((script) => script.calls.map((call) => cellOf(script, call)));
  return [...plain, halfListed, ...deniedPlaces].filter((cell) => cell.cloud === cloud);
}
