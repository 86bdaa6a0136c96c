import type { Instant } from '../../../agent/core/time.ts';
import type { Call, Faults } from '../faults.ts';
import type { Answer, Served } from '../http.ts';
import type { Traffic } from '../lane.ts';
import { refuse } from './refuse.ts';
import type { Deed, FaultScript } from './script.ts';
import { billScripts } from './bills.ts';
import { costScripts } from './costs.ts';
import { faultScripts } from './scripts.ts';

const allScripts: readonly FaultScript[] = [...faultScripts, ...billScripts, ...costScripts];

export interface FaultOptions {
  readonly cloud: FaultScript['cloud'];
  /** The time by which the script begins and ends. */
  readonly now: () => Instant;
  /** The fault lasts over `[from, to)`; what is restated stays so. */
  readonly from: Instant;
  readonly to: Instant;
  /** Which of the script's calls it befalls. Default: all of them. A clock or a past has no calls. */
  readonly match?: (call: Call) => boolean;
}

/** A script of the list at work: pass it to `startClouds`. Throws for a name that the cloud has no script of. */
export function createFaultScript(name: string, options: FaultOptions): Faults {
  const { cloud, now, from, to, match = () => true } = options;
  const scripts = allScripts.filter((one) => one.cloud === cloud && one.name === name);
  if (scripts.length === 0) throw unknown(cloud, name);
  const lasts = (at: Instant) => from <= at && at < to;
  const deedFor = (call: Call): Deed | undefined =>
    lasts(now()) && call.cloud === cloud && match(call)
      ? scripts.find(({ calls }) => calls.includes(call.operation))?.deed
      : undefined;
  const editions = restated(scripts, from);
  return {
    ...(editions === undefined ? {} : { edition: editions }),
    intercept: (call) => instead(deedFor(call), call, now()),
    alter: (call, answer) => altered(deedFor(call), call, answer, now()),
    skewMs(at) {
      const skew = lasts(at) ? scripts.find(({ deed }) => deed.kind === 'skew')?.deed : undefined;
      return skew?.kind === 'skew' ? skew.ms : 0;
    },
  };
}

/** The same edition of the same traffic every time, so that what is summed up of it can be kept. */
function restated(scripts: readonly FaultScript[], from: Instant): Faults['edition'] {
  const deed = scripts.map((script) => script.deed).find(({ kind }) => kind === 'restate');
  if (deed?.kind !== 'restate') return undefined;
  const editions = deed.editionsOf(from);
  const made = new Map<Traffic, { readonly before: Traffic; readonly after: Traffic }>();
  return (traffic, at) => {
    const known = made.get(traffic) ?? {
      before: editions.before(traffic),
      after: editions.after(traffic),
    };
    made.set(traffic, known);
    return at < from ? known.before : known.after;
  };
}

function unknown(cloud: string, name: string): Error {
  const known = new Set(allScripts.filter((one) => one.cloud === cloud).map((one) => one.name));
  return new Error(
    `There is no fault script "${name}" of ${cloud}; there are ${[...known].join(', ')}.`,
  );
}

function instead(deed: Deed | undefined, call: Call, at: Instant): Answer | undefined {
  switch (deed?.kind) {
    case 'refuse':
      return refuse(deed, call, at);
    case 'answer':
      return deed.answer;
    case 'reset':
    case 'hang':
      return { kind: deed.kind };
    case 'drip':
    case 'alter':
    case 'skew':
    case 'restate':
    case undefined:
  }
  return undefined;
}

function altered(deed: Deed | undefined, call: Call, answer: Served, at: Instant): Answer {
  if (deed?.kind === 'drip') return { ...answer, kind: 'drip', everyMs: deed.everyMs };
  return deed?.kind === 'alter' ? deed.alter(call, answer, at) : answer;
}
