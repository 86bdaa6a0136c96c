/** `target`, `window.start`: what a span tells beside its name and times. Never a secret. */
type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** One piece of the agent's own work, while it lasts. */
export interface Span {
  set(attributes: SpanAttributes): void;
  /** Marks the work as failed, with the error's message. */
  fail(error: unknown): void;
  /** Ends the span before its work settles. Nothing changes it afterwards, and a second call does nothing. */
  end(): void;
}

/** Says how long the agent's own work takes, and which part of it failed. */
export interface Tracer {
  /**
   * Runs the work under a span, a child of the span whose work called this. It ends when the work settles, failed if the
   * work throws. Returns and throws what the work does: a tracer never adds a failure of its own.
   */
  span<T>(name: string, attributes: SpanAttributes, work: (span: Span) => Promise<T>): Promise<T>;
}

const noSpan: Span = { set: () => undefined, fail: () => undefined, end: () => undefined };

/** For an agent whose work nobody watches. */
export const noTracer: Tracer = {
  span: async (_name, _attributes, work) => work(noSpan),
};
