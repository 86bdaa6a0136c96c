/** Which clouds there are. One line each, loaded only when a source names it. */
export const clouds = {
  aws: async () => (await import('./aws/index.ts')).createAwsCollector,
  azure: async () => (await import('./azure/index.ts')).createAzureCollector,
} as const;
