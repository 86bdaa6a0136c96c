type Chunks = AsyncIterable<Uint8Array | string>;

export function isStream(rows: object): rows is Chunks {
  return Symbol.asyncIterator in rows;
}

/**
 * Chunks as the body of an answer, each made when the client has taken the one before; a client that goes away ends them.
 * What fails half-way breaks the connection, so that nobody takes the part for the whole.
 */
export function streamOf(
  chunks: Chunks,
  onError: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const next = await iterator.next();
          if (next.done === true) return controller.close();
          const { value } = next;
          controller.enqueue(typeof value === 'string' ? encoder.encode(value) : value);
        } catch (error) {
          onError(error);
          controller.error(error);
        }
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 1 },
  );
}
