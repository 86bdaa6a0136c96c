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
