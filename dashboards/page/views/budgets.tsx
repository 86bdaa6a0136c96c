import type { BudgetState, BudgetStatus } from '../../../agent/core/budget.ts';
import { BudgetBar } from '../charts/budget-bar.tsx';
import { count, period, share, short, unknown, usd } from '../format.ts';
import { apiLink, sumLink } from '../links.ts';
import type { PageBudget, Told } from '../reader.ts';
import { Answered, Empty, Num, Origins, Section, Tag } from './parts.tsx';
import type { Tone } from './parts.tsx';

const words: Readonly<Record<BudgetState, { readonly text: string; readonly tone: Tone }>> = {
  ok: { text: 'on budget', tone: 'good' },
  forecast_over: { text: 'will be over', tone: 'warn' },
  over: { text: 'over', tone: 'bad' },
  incomplete: { text: 'incomplete', tone: 'warn' },
};

export function Budgets(props: { readonly told: Told<readonly PageBudget[]> }) {
  return (
    <Section
      id="budgets"
      title="Are we on budget?"
      note="Each in its own present period, whatever range and filters are chosen."
      api={apiLink('budgets')}
    >
      <Answered told={props.told} show={(all) => (all.length === 0 ? <NoBudgets /> : list(all))} />
    </Section>
  );
}

function list(all: readonly PageBudget[]) {
  return (
    <ul class="budgets">
      {all.toSorted(fullestFirst).map((budget) => (
        <BudgetItem budget={budget} />
      ))}
    </ul>
  );
}

function fullestFirst(a: BudgetStatus, b: BudgetStatus): number {
  return (b.ratio ?? -1) - (a.ratio ?? -1);
}

function BudgetItem({ budget }: { readonly budget: PageBudget }) {
  const { forecast, state } = budget;
  const amount = (value: number | null) => amountText(budget, value);
  const isOver = (budget.ratio ?? 0) >= 1;
  const { text, tone } = isOver ? words.over : words[state];
  const floor = state === 'incomplete' && budget.spent !== null ? 'at least ' : '';
  return (
    <li>
      <div class="line">
        <span class="name" title={budget.budget}>
          {budget.budget}
        </span>
        <span>
          <Tag tone={tone}>{text}</Tag>{' '}
          {isOver && state === 'incomplete' && <Tag tone="warn">incomplete</Tag>}
        </span>
      </div>
      <BudgetBar budget={budget} />
      <div class="line">
        <span>
          {floor}
          <Num text={amount(budget.spent)} whole={wholeText(budget, budget.spent)} /> of{' '}
          <Num text={amount(budget.amount)} whole={wholeText(budget, budget.amount)} />{' '}
          <strong>{share(budget.ratio)}</strong>
        </span>
        <Origins
          of={budget.budget}
          explain={budget.filters && sumLink(pastOf(budget), budget.filters)}
          api={apiLink('budgets', { more: { budget: budget.budget } })}
        />
      </div>
      <p class="quiet small">
        {forecast === null ? (
          'No forecast'
        ) : (
          <>
            Forecast <Num text={amount(forecast.mean)} /> (
            <Num text={amount(forecast.low)} /> – <Num text={amount(forecast.high)} />, four times
            in five)
          </>
        )}{' '}
        for {period(budget.period)}; {budget.basis}, {share(budget.settled)} settled
        {budget.coverage < 1 && `, ${share(budget.coverage)} of its past read`}
        {budget.notes.map((note) => `; ${note}`)}.
      </p>
    </li>
  );
}

function pastOf({ period: { start, end }, dataUntil }: BudgetStatus) {
  return { start, end: Math.max(start + 1, Math.min(end, dataUntil ?? end)) };
}

function amountText({ unit }: BudgetStatus, value: number | null): string {
  if (value === null) return unknown;
  return unit === 'usd' ? usd(value) : `${short(value)} tokens`;
}

function wholeText({ unit }: BudgetStatus, value: number | null): string {
  return unit === 'usd' ? `${usd(value)} USD` : `${count(value)} tokens`;
}

function NoBudgets() {
  return (
    <Empty>
      <p>No budgets are configured. Add one to crossbill.yaml and restart the agent:</p>
      <pre>
        {[
          'budgets:',
          '  - name: monthly',
          '    amount: 500 USD',
          '    period: month',
          '    alerts:',
          '      - actual: 90%',
          '      - forecast: 100%',
        ].join('\n')}
      </pre>
    </Empty>
  );
}
