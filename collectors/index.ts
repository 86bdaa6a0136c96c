/** Which clouds there are. One line each, loaded only when a source names it. */
export const clouds = {
  aws: async () => (await import('./aws/index.ts')).createAwsCollector,
  azure: async () => (await import('./azure/index.ts')).createAzureCollector,
} as const;

/** Whose price lists there are, by the layer of the price book that they fill; loaded as the clouds are. */
export const priceLists = {
  aws_price_list: async () => (await import('./aws/prices/index.ts')).createAwsPriceList,
  azure_retail_prices: async () => (await import('./azure/prices/index.ts')).createAzurePriceList,
} as const;

/** Who reads files of bills: AWS CUR 2.0 and FOCUS. */
export const billFiles = async () => (await import('./files/index.ts')).readBillFiles;

/** What the names on a cloud's bill mean. */
export const billMeanings = {
  aws: async () => (await import('./aws/bills/meaning.ts')).createMeaningOf,
  azure: async () => (await import('./azure/bills/meaning.ts')).azureMeaningOf,
} as const;

/** Whose bills can be asked for; loaded as the clouds are. */
export const bills = {
  aws: async () => (await import('./aws/bills/index.ts')).createAwsBillCollector,
  azure: async () => (await import('./azure/bills/index.ts')).createAzureBillCollector,
} as const;
