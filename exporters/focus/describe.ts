import type { Charge } from '../../agent/core/charge.ts';
import { tokenWords } from './charge.ts';

/** What the charge is for, in a line. */
export function describe(charge: Charge): string {
  const { model, vendorModel, tier, routing } = charge.of;
  const whose = `${model || vendorModel || 'unknown model'} (${tier}, ${routing})`;
  if (charge.kind === 'tokens') {
    const tokens = `${tokenWords[charge.amount].meter} of ${whose}`;
    return charge.perToken ? tokens : `${tokens}, paid by provisioned capacity`;
  }
  if (charge.kind === 'capacity') return `Provisioned capacity of ${whose}, ${charge.line}`;
  if (charge.kind === 'rounding') return 'Rounding of every minute to the nano-dollar';
  return `Cost of ${whose} that no one unit price of the period gives`;
}
