/** What Grafana reads at its start. https://grafana.com/docs/grafana/latest/administration/provisioning/ */

/** The uid of the data source, by which the alert rules ask. */
const sourceUid = 'crossbill';

/** Infinity asks nobody who is not named here: scheme, host and port of `url`. */
export function datasourcesYaml({
  url,
  hasTokens,
}: {
  /** Where Grafana reaches the agent, with its scheme: without one Infinity takes https. */
  readonly url: string;
  /** Whether the agent wants a token. */
  readonly hasTokens: boolean;
}): string {
  const { origin } = new URL(url);
  const base = url.replace(/\/+$/, '');
  return lines(
    '# The data source of the Crossbill dashboards. It needs the plugin yesoreyeram-infinity-datasource.',
    ...(hasTokens
      ? [
          '# Set CROSSBILL_TOKEN in the environment of Grafana: a token of auth.tokens with scope read.',
        ]
      : []),
    'apiVersion: 1',
    'datasources:',
    '  - name: Crossbill',
    `    uid: ${sourceUid}`,
    '    type: yesoreyeram-infinity-datasource',
    '    access: proxy',
    `    url: ${quoted(base)}`,
    '    jsonData:',
    ...(hasTokens ? ['      auth_method: bearerToken'] : []),
    `      allowedHosts: [${quoted(origin)}]`,
    '      customHealthCheckEnabled: true',
    `      customHealthCheckUrl: ${quoted(`${base}/healthz`)}`,
    '      timeoutInSeconds: 30',
    ...(hasTokens ? ['    secureJsonData:', '      bearerToken: $CROSSBILL_TOKEN'] : []),
  );
}

/** @param folder where Grafana finds the JSON files */
export function dashboardsYaml(folder: string): string {
  return lines(
    '# The Crossbill dashboards, from files: what is changed in Grafana is not kept.',
    'apiVersion: 1',
    'providers:',
    '  - name: crossbill',
    '    type: file',
    '    folder: Crossbill',
    '    folderUid: crossbill',
    '    disableDeletion: false',
    '    allowUiUpdates: false',
    '    updateIntervalSeconds: 30',
    `    options: { path: ${quoted(folder)} }`,
  );
}

interface Rule {
  readonly uid: string;
  readonly title: string;
  readonly path: string;
  /** The text that tells the alerts apart, and the number that is compared. */
  readonly label: string;
  readonly value: string;
  readonly above: number;
  readonly summary: string;
}

const rules: readonly Rule[] = [
  {
    uid: 'crossbill-budget-used',
    title: 'Budget nearly spent',
    path: '/api/v1/budgets',
    label: 'budget',
    value: 'ratio',
    above: 0.9,
    summary: '{{ $labels.budget }} has used {{ humanizePercentage $values.A.Value }} of its amount',
  },
  {
    uid: 'crossbill-source-behind',
    title: 'Source behind',
    path: '/api/v1/sources',
    label: 'target',
    value: 'lag_seconds',
    above: 7_200,
    summary: '{{ $labels.target }} is {{ humanizeDuration $values.A.Value }} behind',
  },
];

/**
 * A sample for those who keep all alerts in Grafana; Crossbill's own tell more and need none of it. The queries use no
 * variables of a dashboard, which nobody replaces in an alert.
 */
export function alertingYaml(): string {
  return lines(
    '# A sample: change the address, or name a contact point of your own in the rules.',
    'apiVersion: 1',
    'contactPoints:',
    '  - orgId: 1',
    '    name: crossbill-sample',
    '    receivers:',
    '      - uid: crossbill-sample',
    '        type: email',
    '        settings: { addresses: finops@example.com }',
    'groups:',
    '  - orgId: 1',
    '    name: crossbill',
    '    folder: Crossbill',
    '    interval: 5m',
    '    rules:',
    ...rules.flatMap(ruleLines),
  );
}

function ruleLines({ uid, title, path, label, value, above, summary }: Rule): readonly string[] {
  return [
    `      - uid: ${uid}`,
    `        title: ${title}`,
    '        condition: C',
    '        for: 10m',
    '        noDataState: OK',
    '        execErrState: Error',
    '        labels: { severity: warning }',
    `        annotations: { summary: ${quoted(summary)} }`,
    '        notification_settings: { receiver: crossbill-sample }',
    '        data:',
    '          - refId: A',
    `            datasourceUid: ${sourceUid}`,
    '            relativeTimeRange: { from: 600, to: 0 }',
    '            model:',
    '              refId: A',
    '              type: json',
    '              parser: backend',
    '              source: url',
    '              format: table',
    `              url: ${path}`,
    "              url_options: { method: GET, data: '' }",
    "              root_selector: ''",
    '              filters: []',
    '              columns:',
    `                - { selector: ${label}, text: ${label}, type: string }`,
    `                - { selector: ${value}, text: ${value}, type: number }`,
    '          - refId: C',
    '            datasourceUid: __expr__',
    '            model:',
    '              refId: C',
    '              type: threshold',
    '              expression: A',
    '              conditions:',
    `                - evaluator: { type: gt, params: [${above}] }`,
  ];
}

/** As YAML and JSON both read it. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

function lines(...all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
