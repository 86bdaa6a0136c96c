import type { Child } from 'hono/jsx';
import type { PageExplanation } from '../explanation.ts';
import { count, hourMs, moment } from '../format.ts';
import { apiLink, overviewLink, sumLink } from '../links.ts';
import type { ExplainQuestion, Told } from '../reader.ts';
import { stateOf } from '../state.ts';
import { trimmed } from './decimals.ts';
import { PartView } from './explain-part.tsx';
import { ReadingsTable } from './explain-readings.tsx';
import { Problem, Section, Tag } from './parts.tsx';

/** One minute or hour walked back: readings, contract, prices, arithmetic, and what was billed. */
export function ExplainView(props: {
  readonly question: ExplainQuestion;
  readonly told: Told<PageExplanation>;
}) {
  const { question, told } = props;
  const { model, at, step, filters } = question;
  const length = step === '1h' ? '1 hour' : '1 minute';
  const api = apiLink('explain', {
    filters,
    more: { at: new Date(at).toISOString(), step },
  });
  return (
    <>
      <h1>
        <span class="name" title={model}>
          {model}
        </span>
      </h1>
      <p class="lead">
        {moment(at)} UTC, {length}
        {told.ok && (
          <>
            {' '}
            <Tag tone={told.value.settled ? 'good' : 'warn'}>
              {told.value.settled ? 'settled' : 'provisional: the cloud may still change it'}
            </Tag>
          </>
        )}{' '}
        <a href={api}>API</a>
      </p>
      {told.ok ? (
        <Walked told={told.value} question={question} />
      ) : (
        <Refused {...props} why={told.why} />
      )}
    </>
  );
}

function Refused({ question, why }: { readonly question: ExplainQuestion; readonly why: string }) {
  const { at, filters } = question;
  const state = stateOf(new URLSearchParams(), at);
  return (
    <>
      <Problem why={why} />
      <p>
        <a href={sumLink({ start: at - 6 * hourMs, end: at + 6 * hourMs }, filters)}>
          The hours around it
        </a>
        ,{' '}
        <a href={overviewLink(state, { filters, groupBy: 'deployment' })}>the same by deployment</a>
      </p>
    </>
  );
}

function Walked({
  told,
  question,
}: {
  readonly told: PageExplanation;
  readonly question: ExplainQuestion;
}) {
  const { cost_usd: cost, cost_low_usd: low, cost_high_usd: high } = told;
  return (
    <>
      <dl class="strip">
        <div class="is-quiet">
          <dt>Cost</dt>
          <dd class="value">
            <span class="num">{cost === null ? 'no price' : `$${trimmed(cost)}`}</span>
          </dd>
          <dd class="says">
            {low !== null && low !== high
              ? `between $${trimmed(low)} and $${trimmed(high ?? '')} USD`
              : 'USD, exact'}
          </dd>
        </div>
        <div class="is-quiet">
          <dt>Requests</dt>
          <dd class="value">
            <span class="num">{count(told.requests)}</span>
          </dd>
          <dd class="says">accepted</dd>
        </div>
        <div class={told.agrees ? 'is-good' : 'is-bad'}>
          <dt>Arithmetic</dt>
          <dd class="value">{told.agrees ? 'agrees' : 'differs'}</dd>
          <dd class="says">
            {told.agrees
              ? 'readings, contract and prices give what the ledger holds, to the nano-dollar'
              : 'the arithmetic below does not give what the ledger holds; the notes say why'}
          </dd>
        </div>
        <div class={told.unpriced_tokens > 0 ? 'is-warn' : 'is-good'}>
          <dt>Without a price</dt>
          <dd class="value">
            <span class="num">{count(told.unpriced_tokens)}</span>
          </dd>
          <dd class="says">tokens, in no cost</dd>
        </div>
      </dl>
      {told.parts.map((part) => (
        <PartView part={part} alone={told.parts.length === 1} />
      ))}
      <Section
        id="readings"
        title="What the cloud's meters said"
        note="Counted readings make the tokens above; the others are why not."
      >
        <ReadingsTable readings={told.readings} />
      </Section>
      <Section id="billed" title="What was billed">
        <p>
          <Tag tone={told.billed.state === 'final' ? 'good' : 'quiet'}>
            {told.billed.state.replaceAll('_', ' ')}
          </Tag>{' '}
          {told.billed.explanation}
        </p>
      </Section>
      <Section
        id="commands"
        title="See it at the cloud"
        note="Each command shows the same readings."
      >
        {told.commands.map(({ note, command, reads }) => (
          <Command note={`${note}: ${reads.join(' ')}`}>{command}</Command>
        ))}
        {told.commands.length === 0 && (
          <p class="quiet">There is no command for what was given up.</p>
        )}
      </Section>
      <p class="quiet small">
        {told.rounding}{' '}
        {told.revisions.length === 0
          ? 'No revision of it is known.'
          : `Revised ${told.revisions.length} times, last at ${told.revisions.at(-1)?.at}.`}{' '}
        <a href={sumLink({ start: question.at, end: question.at + hourMs }, question.filters)}>
          The minutes of this hour
        </a>
      </p>
    </>
  );
}

function Command({ note, children }: { readonly note: string; readonly children: Child }) {
  return (
    <figure class="command">
      <figcaption>{note}</figcaption>
      <pre tabindex={0}>{children}</pre>
    </figure>
  );
}
