import * as z from 'zod';
import { webAddress } from './addresses.ts';
import { byWord, distinct, listOf, oneOf, recordOf, secret, section } from './fields.ts';
import type { Unchanging } from './unchanging.ts';

const otlp = section({
  type: z.unknown(),
  endpoint: webAddress('http://127.0.0.1:4318'),
  headers: recordOf(secret(), 'a mapping of header names and values').default({}),
  protocol: oneOf(['http/protobuf', 'http/json']).default('http/protobuf'),
  temporality: oneOf(['delta', 'cumulative']).default('delta'),
}).transform((exporter) => ({ ...exporter, type: 'otlp' as const }));

export type ExporterConfig = Unchanging<z.output<typeof otlp>>;

/** Each keeps its own cursor under its endpoint, so none may stand twice. */
export const exporters = listOf(byWord<ExporterConfig>('type', { otlp: () => otlp }), {
  expected: 'for example [{ type: otlp, endpoint: "http://127.0.0.1:4318" }]',
  atLeast: 0,
}).superRefine(
  distinct(({ endpoint }) => endpoint, 'this endpoint has an exporter already; delete one', [
    'endpoint',
  ]),
);

/** Under which the ledger keeps what the exporter was told. */
export function feedName({ type, endpoint }: ExporterConfig): string {
  return `${type} ${endpoint}`;
}
