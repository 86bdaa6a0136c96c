/** A verb was called in a way that cannot be meant. Its message says what to write instead. */
export class WrongUseError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WrongUseError';
  }
}
