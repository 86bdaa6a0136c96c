import { period } from '../format.ts';
import { overviewLink, withoutFilter } from '../links.ts';
import { rangeNames, rangeWords, stepsFor } from '../state.ts';
import type { PageState } from '../state.ts';

/** What the figures are of: the range, the step and the filters, each a link to what it would be otherwise. */
export function Controls({ state }: { readonly state: PageState }) {
  return (
    <section class="controls" aria-label="Range and filters">
      <nav aria-label="Range">
        {rangeNames.map((name) => (
          <a
            href={overviewLink(state, { rangeName: name })}
            aria-current={state.rangeName === name ? 'true' : undefined}
          >
            {rangeWords[name]}
          </a>
        ))}
      </nav>
      <p class="period">{period(state.range)}</p>
      <nav aria-label="Step of the chart">
        <span class="quiet">step</span>
        {stepsFor(state.range).map((step) => (
          <a
            href={overviewLink(state, { step })}
            aria-current={state.step === step ? 'true' : undefined}
          >
            {step}
          </a>
        ))}
      </nav>
      {state.filters.size > 0 && (
        <ul class="filters" aria-label="Only">
          {[...state.filters].map(([name, values]) => (
            <li>
              <span class="quiet">{name}</span>{' '}
              <span class="name" title={values.join(', ')}>
                {values.join(', ')}
              </span>
              <a
                href={overviewLink(state, { filters: withoutFilter(state.filters, name) })}
                aria-label={`Without the filter ${name} ${values.join(', ')}`}
              >
                ×
              </a>
            </li>
          ))}
        </ul>
      )}
      {state.faults.map((fault) => (
        <p class="problem">
          <strong>Left out of the address:</strong> {fault}
        </p>
      ))}
    </section>
  );
}
