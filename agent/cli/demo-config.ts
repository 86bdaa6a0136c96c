import { basename } from 'node:path';

/** What the built-in clouds take for credentials; they are worth nothing elsewhere. */
export const demoCredentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'demo' } as const;

const demoLedgerName = 'crossbill-demo.db';

/** Whether a ledger holds the replay and no one's usage. */
export function isDemoLedger(path: string): boolean {
  return basename(path) === demoLedgerName;
}

/** The demo's crossbill.yaml; other verbs read the demo's ledger with it. */
export function demoConfig(
  clouds: { readonly awsUrl: string; readonly azureUrl: string },
  listen: string,
): string {
  return `# Made by crossbill demo; gone when it stops.
ledger: sqlite:./${demoLedgerName}
listen: ${listen}
poll: { every: 1m, overlap: 30m, backfill: 15d }
sources:
  - name: demo-aws
    type: aws
    collect: [usage, bills]
    regions: [us-east-1, us-west-2, eu-central-1]
    endpoint: ${clouds.awsUrl}
  - name: demo-aws-search
    type: aws
    collect: [usage, bills]
    regions: [us-east-1, us-west-2, eu-central-1]
    roles: [{ arn: "arn:aws:iam::444455556666:role/crossbill" }]
    endpoint: ${clouds.awsUrl}
  - name: demo-azure
    type: azure
    collect: [usage, bills]
    credential: { static_token: demo }
    endpoint: ${clouds.azureUrl}
teams:
  - { from: tag.team }
budgets:
  - name: demo-day
    amount: 600 USD
    period: day
    alerts: [{ actual: 50% }, { actual: 100%, severity: page }, { forecast: 100% }]
  - { name: "{team}-monthly", for_each: team, amount: 1500 USD, period: month, alerts: [{ actual: 50% }, { actual: 100% }] }
rules:
  - { name: blind, kind: source_stale, above: 30m }
log: { level: warn }
`;
}
