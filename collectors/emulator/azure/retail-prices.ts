import { jsonAnswer } from '../http.ts';
import type { Answer, Received } from '../http.ts';

/**
 * The Retail Prices API for the scenario's models: small, in pages, with names as irregular as Azure's are and items that
 * must not be taken for a price.
 */

/** A meter of the list, as it is charged. */
export interface ListedMeter {
  readonly meterId: string;
  readonly meterName: string;
  readonly productName: string;
  readonly unitOfMeasure: string;
  readonly retailPrice: number;
  readonly serviceName: string;
}

type Meter = Omit<ListedMeter, 'meterId'>;

const pageSize = 10;
const regions: ReadonlySet<string> = new Set(['eastus', 'swedencentral', 'japaneast']);

function byThousand(meterName: string, retailPrice: number): Meter {
  const [productName, unitOfMeasure] = ['Azure OpenAI', '1K'];
  return { meterName, productName, unitOfMeasure, retailPrice, serviceName: 'Foundry Models' };
}

function byMillion(meterName: string, retailPrice: number): Meter {
  const [productName, unitOfMeasure] = ['Azure OpenAI GPT5', '1M'];
  return { meterName, productName, unitOfMeasure, retailPrice, serviceName: 'Foundry Models' };
}

function sol(words: string, cents: readonly [number, number, number, number]): readonly Meter[] {
  const [input, read, write, output] = cents.map((price) => price / 100);
  return [
    byMillion(`5.6 sol ShortCo Inp ${words} 1M Tokens`, input ?? 0),
    byMillion(`5.6 sol ShortCo Cd Inp ${words} 1M Tokens`, read ?? 0),
    byMillion(`5.6 sol ShortCo Cd Wr ${words} 1M Tokens`, write ?? 0),
    byMillion(`5.6 sol ShortCo opt ${words} 1M Tokens`, output ?? 0),
    byMillion(`5.6 sol LongCo Inp ${words} 1M Tokens`, (input ?? 0) * 2),
    byMillion(`5.6 sol LongCo Cd Inp ${words} 1M Tokens`, (read ?? 0) * 2),
    byMillion(`5.6 sol LongCo Cd Wr ${words} 1M Tokens`, (write ?? 0) * 2),
    byMillion(`5.6 sol LongCo opt ${words} 1M Tokens`, (output ?? 0) * 1.5),
  ];
}

const meters: readonly Meter[] = [
  ...sol('Std Gl', [400, 40, 500, 2_000]),
  ...sol('PP Gl', [800, 80, 1_000, 4_000]),
  ...sol('Std Dz', [440, 44, 550, 2_200]),
  byThousand('gpt-4o-0806-Inp-glbl Tokens', 0.0025),
  byThousand('gpt 4o 0806 cached Inp glbl Tokens', 0.00125),
  byThousand('gpt-4o-0806-Outp-glbl Tokens', 0.01),
  byThousand('gpt-4o-0806-Inp-regnl Tokens', 0.00275),
  byThousand('gpt 4o 0806 cached Inp regnl Tokens', 0.001375),
  byThousand('gpt-4o-0806-Outp-regnl Tokens', 0.011),
  byThousand('gpt 4.1 mini Inp glbl Tokens', 0.0004),
  byThousand('gpt 4.1 mini cached Inp glbl Tokens', 0.0001),
  byThousand('gpt 4.1 mini Outp glbl Tokens', 0.0016),
  byThousand('gpt 4.1 mini Batch Inp glbl Tokens', 0.0002),
  byThousand('gpt 4.1 mini Batch Outp glbl Tokens', 0.0008),
  { ...byThousand('Provisioned Managed Global Unit', 1), unitOfMeasure: '1/Hour' },
  { ...byThousand('Provisioned Managed Data Zone Unit', 1.1), unitOfMeasure: '1/Hour' },
  { ...byThousand('Provisioned Managed Regional Unit', 2), unitOfMeasure: '1 Hour' },
  { ...byThousand('gpt-4o-0806-FT-Hstng-glbl Unit', 1.7), unitOfMeasure: '1 Hour' },
  byThousand('gpt-4o-0806-FT-Trng-glbl tkn Tokens', 0.025),
  { ...byThousand('Code-Interpreter-global Session', 0.03), unitOfMeasure: '1' },
  {
    ...byThousand('S1 Speech To Text Audio Hours', 1),
    serviceName: 'Cognitive Services',
    unitOfMeasure: '1 Hour',
  },
];

/** What a bill names and charges; undefined where the list has no meter of that name. */
export function listedMeter(meterName: string): ListedMeter | undefined {
  const index = meters.findIndex((meter) => meter.meterName === meterName);
  const meter = meters[index];
  return meter === undefined ? undefined : { meterId: meterIdOf(index), ...meter };
}

const clause = /^(serviceName|armRegionName|priceType) eq '([^']*)'$/;

/** Undefined for another address. It asks for no token. */
export function answerRetailPrices({ url, headers }: Received): Answer | undefined {
  if (url.pathname !== '/api/retail/prices') return undefined;
  const filter = url.searchParams.get('$filter') ?? '';
  const clauses = filter.split(' and ').map((text) => clause.exec(text));
  if (clauses.includes(null)) return jsonAnswer(400, { Error: `Invalid filter: ${filter}` });
  const wanted = new Map(clauses.map((found) => [found?.[1] ?? '', found?.[2] ?? '']));
  const region = wanted.get('armRegionName') ?? '';
  const found = meters
    .map((meter, index) => itemOf(meter, index, region))
    .filter((item) => regions.has(region) && item.serviceName === wanted.get('serviceName'));
  const skip = Number(url.searchParams.get('$skip') ?? 0);
  const next = new URL(`${url.pathname}${url.search}`, `http://${headers['host'] ?? '127.0.0.1'}`);
  next.searchParams.set('$skip', String(skip + pageSize));
  const items = found.slice(skip, skip + pageSize);
  return jsonAnswer(200, {
    BillingCurrency: 'USD',
    CustomerEntityId: 'Default',
    CustomerEntityType: 'Retail',
    Items: items,
    NextPageLink: skip + pageSize < found.length ? next.href : null,
    Count: items.length,
  });
}

function meterIdOf(index: number): string {
  return `00000000-0000-0000-0000-${String(index).padStart(12, '0')}`;
}

function itemOf(meter: Meter, index: number, armRegionName: string) {
  return {
    currencyCode: 'USD',
    tierMinimumUnits: 0,
    unitPrice: meter.retailPrice,
    armRegionName,
    effectiveStartDate: '2026-08-21T00:00:00Z',
    meterId: meterIdOf(index),
    skuName: meter.meterName.replace(/ (1M )?Tokens$/, ''),
    serviceFamily: 'AI + Machine Learning',
    type: 'Consumption',
    isPrimaryMeterRegion: true,
    ...meter,
  };
}
