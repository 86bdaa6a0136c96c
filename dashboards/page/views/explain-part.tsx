import type { ExplainedCard, ExplainedPart, ExplainedPeriod } from '../explanation.ts';
import { count, moment } from '../format.ts';
import { trimmed } from './decimals.ts';
import { Section, Table, Tag } from './parts.tsx';

const who = [
  'cloud',
  'account',
  'region',
  'resource',
  'deployment',
  'endpoint',
  'routing',
  'tier',
  'team',
] as const;
const mostPeriods = 60;

/** One deployment or model under one tier: who it is, how its tokens were made, at which prices, and what that comes to. */
export function PartView({
  part,
  alone,
}: {
  readonly part: ExplainedPart;
  readonly alone: boolean;
}) {
  const { identity, contracts, sums, cards, periods } = part;
  const title = alone ? 'How it comes about' : `Part ${part.id}: how it comes about`;
  return (
    <Section id={`part-${part.id}`} title={title} note={identity.identified_by}>
      <dl class="who">
        {who
          .filter((name) => identity[name] !== '')
          .map((name) => (
            <div>
              <dt>{name}</dt>
              <dd class="name" title={identity[name]}>
                {identity[name]}
              </dd>
            </div>
          ))}
        <div>
          <dt>the cloud's word</dt>
          <dd class="name" title={identity.vendor_model}>
            {identity.vendor_model || '–'}
          </dd>
        </div>
      </dl>
      <h3>Contract</h3>
      {contracts.map(({ word, explanation }) => (
        <p>
          <Tag tone="quiet">{word}</Tag> {explanation}
        </p>
      ))}
      <h3>Tokens</h3>
      <ul class="sums">
        {sums.map(({ text }) => (
          <li>
            <code>{text}</code>
          </li>
        ))}
      </ul>
      <h3>Prices</h3>
      {cards.length === 0 ? <p class="quiet">It was never rated.</p> : cards.map(cardOf)}
      <h3>Arithmetic</h3>
      <Arithmetic periods={periods} />
      {part.reasons.map(({ word, explanation }) => (
        <p>
          <Tag tone="warn">{word}</Tag> {explanation}
        </p>
      ))}
      {part.calibration.state !== 'not_needed' && <p>{part.calibration.explanation}</p>}
      {part.notes.map((note) => (
        <p class="quiet">{note}</p>
      ))}
    </Section>
  );
}

function cardOf(card: ExplainedCard) {
  const since = card.from === null ? 'at all times' : `from ${card.from.slice(0, 10)}`;
  const until = card.to === null ? '' : ` to ${card.to.slice(0, 10)}`;
  return (
    <>
      <Table caption={`Card ${card.id}, ${since}${until}`} hidden={false}>
        <thead>
          <tr>
            <th scope="col">token type</th>
            <th scope="col" class="right">
              USD
            </th>
            <th scope="col">for</th>
            <th scope="col" class="right">
              factor
            </th>
            <th scope="col">source</th>
            <th scope="col">its version</th>
            <th scope="col">its row</th>
          </tr>
        </thead>
        <tbody>
          {card.prices.map((price) => (
            <tr>
              <th scope="row">
                {price.token_type}
                {!price.best && <span class="quiet"> (of the range)</span>}
              </th>
              <td class="right num">{price.usd === null ? '–' : trimmed(price.usd)}</td>
              <td>{price.per === 'unit_hour' ? 'an hour of a unit' : 'a million tokens'}</td>
              <td class="right num">{price.factor}</td>
              <td>{price.source}</td>
              <td>{price.source_version}</td>
              <td>
                <span class="name" title={price.reference}>
                  {price.reference}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
      {card.unpriced !== null && <p class="problem">{card.unpriced}</p>}
    </>
  );
}

function Arithmetic({ periods }: { readonly periods: readonly ExplainedPeriod[] }) {
  const lines = periods.flatMap((period) => period.lines.map((line) => ({ period, line })));
  if (lines.length === 0) return <p class="quiet">No tokens, so no cost.</p>;
  return (
    <Table caption="Tokens times the rate, over a million">
      <thead>
        <tr>
          <th scope="col">from, UTC</th>
          <th scope="col">token type</th>
          <th scope="col" class="right">
            tokens
          </th>
          <th scope="col" class="right">
            USD a million
          </th>
          <th scope="col" class="right">
            USD
          </th>
        </tr>
      </thead>
      <tbody>
        {lines.slice(0, mostPeriods).map(({ period, line }) => (
          <tr>
            <td>{moment(Date.parse(period.time))}</td>
            <th scope="row">{line.token_type}</th>
            <td class="right num">{count(line.tokens)}</td>
            <td class="right num">
              {line.usd_per_million === null ? 'no price' : trimmed(line.usd_per_million)}
            </td>
            <td class="right num">{line.usd === null ? '–' : trimmed(line.usd)}</td>
          </tr>
        ))}
        {lines.length > mostPeriods && (
          <tr>
            <td colspan={5} class="quiet">
              {`${lines.length - mostPeriods} more lines are in the API's answer`}
            </td>
          </tr>
        )}
      </tbody>
    </Table>
  );
}
