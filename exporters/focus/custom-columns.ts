import type { Charge } from '../../agent/core/charge.ts';
import { zeptoUsdScale } from '../../agent/core/charge.ts';
import { costMethodOf, isOfTraffic, tokenTypes } from './charge.ts';
import type { FocusColumn } from './column.ts';

const settledScale = 6;

/** Where it is empty, or the charge is of no traffic, null. */
const word = (name: string, cell: (charge: Charge) => string | null): FocusColumn => ({
  name,
  type: 'text',
  nullable: true,
  cell: (charge) => (isOfTraffic(charge) ? cell(charge) || null : null),
});

/** What FOCUS has no column for. Names and order only grow. */
export const customColumns: readonly FocusColumn[] = [
  { name: 'x_CostSource', type: 'text', cell: () => 'estimated' },
  { name: 'x_CostMethod', type: 'text', cell: costMethodOf },
  { name: 'x_CostLow', type: 'decimal', scale: zeptoUsdScale, cell: ({ low }) => low },
  { name: 'x_CostHigh', type: 'decimal', scale: zeptoUsdScale, cell: ({ high }) => high },
  word('x_InvoiceStatus', ({ invoice }) => invoice),
  {
    name: 'x_Settled',
    type: 'decimal',
    scale: settledScale,
    nullable: true,
    cell: ({ settled }) =>
      // Downwards: 1 is all of it.
      settled === null ? null : BigInt(Math.floor(settled * 10 ** settledScale)),
  },
  word('x_TokenType', (charge) => (charge.kind === 'tokens' ? tokenTypes[charge.amount] : null)),
  word('x_CapacityLine', (charge) => (charge.kind === 'capacity' ? charge.line : null)),
  word('x_ModelId', (charge) => charge.of.model),
  word('x_ModelVersion', (charge) => charge.of.modelVersion),
  word('x_VendorModel', (charge) => charge.of.vendorModel),
  word('x_Deployment', (charge) => charge.of.deployment),
  word('x_Resource', (charge) => charge.of.resource),
  word('x_Endpoint', (charge) => charge.of.endpoint),
  word('x_Tier', (charge) => charge.of.tier),
  word('x_Routing', (charge) => charge.of.routing),
  word('x_Team', (charge) => charge.team),
];
