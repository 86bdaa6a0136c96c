import { many } from '../format.ts';
import type { Overview } from '../overview-data.ts';
import type { PageState } from '../state.ts';
import { Firing } from './alerts-strip.tsx';
import { Budgets } from './budgets.tsx';
import { Changes } from './changes.tsx';
import { Drivers } from './drivers.tsx';
import { Empty } from './parts.tsx';
import { Spend } from './spend.tsx';
import { Strip } from './strip.tsx';
import { Throttling } from './throttling.tsx';
import { Trust } from './trust.tsx';

/** One screen: are we on budget, what drives spend, what changed, is anything throttled, can this be trusted. */
export function OverviewView({
  data,
  state,
}: {
  readonly data: Overview;
  readonly state: PageState;
}) {
  return (
    <>
      <h1 class="unseen">What models cost</h1>
      <Firing told={data.alerts} />
      <Waiting data={data} />
      <Strip data={data} state={state} />
      <div class="columns">
        <div>
          <Spend data={data} state={state} />
          <Drivers data={data} state={state} />
          <Changes data={data} state={state} />
          <Throttling data={data} state={state} />
        </div>
        <div>
          <Budgets told={data.budgets} />
          <Trust data={data} state={state} />
        </div>
      </div>
    </>
  );
}

/** What to do where there is nothing to show yet. */
function Waiting({ data }: { readonly data: Overview }) {
  const { sources, total } = data;
  if (!sources.ok || (total.ok && total.value.newest !== null)) return null;
  const targets = sources.value.filter(({ source }) => source !== 'exporter');
  if (targets.length === 0) {
    return (
      <Empty>
        <h2>No source has been read yet</h2>
        <p>
          A source is a cloud account whose meters are collected. Where crossbill.yaml names none,
          add one and restart the agent; <code>crossbill init</code> writes the file from the
          credentials at hand, <code>crossbill check</code> tries them.
        </p>
        <pre>
          {['sources:', '  - name: prod', '    type: aws', '    regions: [us-east-1]'].join('\n')}
        </pre>
        <p>
          Where it names some, they are being listed now: this page fills by itself.{' '}
          <a href="/sources">How they are doing</a>
        </p>
      </Empty>
    );
  }
  const failing = targets.filter(({ state }) => state === 'failing').length;
  return (
    <Empty>
      <h2>Nothing of this range has been collected yet</h2>
      <p>
        {failing > 0
          ? `${failing} of ${many(targets.length, 'target')} failing; what to do stands with each of them.`
          : `Known so far: ${many(targets.length, 'target')}. The first readings come within minutes, newest first.`}{' '}
        <a href="/sources">How the sources are doing</a>
      </p>
    </Empty>
  );
}
