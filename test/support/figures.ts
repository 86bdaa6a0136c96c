/** The columns of a usage row that the replay can count for itself. */
export const figureColumns = [
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'output_tokens',
  'unsplit_input_tokens',
  'requests',
  'errors',
  'throttles',
] as const;
