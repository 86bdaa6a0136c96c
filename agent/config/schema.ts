import type { z } from 'zod';
import { notifiers, rules } from './alerting.ts';
import { spendLimit } from './amounts.ts';
import { budgets } from './budgets.ts';
import { exporters } from './exporters.ts';
import { oneOf, section } from './fields.ts';
import { ledger, poll, retention } from './keeping.ts';
import { contracts, models } from './models.ts';
import { currencies, prices } from './pricing.ts';
import { serving } from './serving.ts';
import { sources } from './sources.ts';
import { teams } from './teams.ts';
import type { Unchanging } from './unchanging.ts';

const log = section({
  level: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  /** auto: text for a terminal, JSON for everything else. */
  format: oneOf(['auto', 'json', 'text']).default('auto'),
});

/** The whole of crossbill.yaml; what spans several sections is looked at in cross-checks.ts. */
export const configSchema = section({
  ...serving,
  ledger: ledger.default({ path: './crossbill.db' }),
  poll: poll.prefault({}),
  retention: retention.prefault({}),
  api_spend_limit: spendLimit().default('auto'),
  sources,
  models: models.prefault({}),
  contracts: contracts.prefault({}),
  prices: prices.prefault({}),
  currencies: currencies.default([]),
  teams: teams.default([]),
  budgets: budgets.default([]),
  rules: rules.default([]),
  notifiers: notifiers.default([]),
  exporters: exporters.default([]),
  log: log.prefault({}),
}).transform(
  ({ insecure_http, public_url, allowed_hosts, api_spend_limit, request_limit, ...rest }) => ({
    ...rest,
    insecureHttp: insecure_http,
    publicUrl: public_url,
    allowedHosts: allowed_hosts,
    /** Of each address; null: as many as it likes. */
    requestsPerSecond: request_limit.perSecond,
    /** Of each source: `auto`, or nano-dollars a day. */
    apiSpendLimit: api_spend_limit,
  }),
);

/** A checked crossbill.yaml: defaults filled in, units in the names, secrets as SecretText, paths absolute. */
export type Config = Unchanging<z.output<typeof configSchema>>;
