import type { TokenItem } from '../../../agent/core/price.ts';
import type { BilledAmount } from '../billed.ts';
import type { AzureLane } from '../scenario-lane.ts';
import { listedMeter } from './retail-prices.ts';
import type { ListedMeter } from './retail-prices.ts';

/** Dollars for a million tokens of Claude Sonnet, which no list of Azure's has. */
const claudePrices: Readonly<Record<TokenItem, number>> = {
  input: 3,
  cache_read: 0.3,
  cache_write: 3.75,
  output: 15,
};

/** Dollars for a consumption unit: this cloud's own choice. */
export const consumptionUnitPrice = 1;

export function claudeUnits({ item, tokens }: BilledAmount): number {
  return (tokens * claudePrices[item]) / 1e6 / consumptionUnitPrice;
}

/** The meter that counts an item of the lane; undefined where the list has none for it, and input pays for it. */
export function meterOf(lane: AzureLane, { tier, item }: BilledAmount): ListedMeter | undefined {
  const listed = listedMeter(nameOf(lane, tier, item));
  if (listed !== undefined || item === 'cache_read' || item === 'cache_write') return listed;
  return {
    meterId: `99999999-0000-0000-0000-${item === 'input' ? '000000000001' : '000000000002'}`,
    meterName: `${lane.modelName} ${item === 'input' ? 'Inp' : 'Outp'} glbl Tokens`,
    productName: 'Azure OpenAI',
    unitOfMeasure: '1K',
    retailPrice: 0.001,
    serviceName: 'Foundry Models',
  };
}

const millionWords: Readonly<Record<TokenItem, string>> = {
  input: 'Inp',
  cache_read: 'Cd Inp',
  cache_write: 'Cd Wr',
  output: 'opt',
};

/** As irregular as the list has it. */
function nameOf(lane: AzureLane, tier: BilledAmount['tier'], item: TokenItem): string {
  const isRegional = lane.sku === 'Standard';
  if (lane.modelName === 'gpt-5.6-sol') {
    const place = lane.sku === 'DataZoneStandard' ? 'Dz' : 'Gl';
    const words = `${tier === 'priority' ? 'PP' : 'Std'} ${place}`;
    return `5.6 sol ShortCo ${millionWords[item]} ${words} 1M Tokens`;
  }
  const place = isRegional ? 'regnl' : 'glbl';
  const direction = item === 'output' ? 'Outp' : 'Inp';
  if (lane.modelName === 'gpt-4o') {
    if (item === 'cache_read') return `gpt 4o 0806 cached Inp ${place} Tokens`;
    return item === 'cache_write' ? '' : `gpt-4o-0806-${direction}-${place} Tokens`;
  }
  const kind = tier === 'batch' ? 'Batch ' : '';
  if (item === 'cache_read' && kind === '') return `gpt 4.1 mini cached Inp ${place} Tokens`;
  if (lane.modelName !== 'gpt-4.1-mini' || item === 'cache_read' || item === 'cache_write')
    return '';
  return `gpt 4.1 mini ${kind}${direction} ${place} Tokens`;
}
