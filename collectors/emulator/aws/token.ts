import type { z } from 'zod';
import { AwsError } from './errors.ts';

/** A page's place, written so that a caller can only hand it back. */
export function writeToken(place: Readonly<Record<string, number>>): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** Throws InvalidNextToken for what `writeToken` has not written. */
export function readToken<T extends z.ZodType>(token: string, schema: T): z.output<T> {
  try {
    return schema.parse(JSON.parse(Buffer.from(token, 'base64url').toString('utf8')));
  } catch (cause) {
    throw Object.assign(new AwsError(400, 'InvalidNextToken', 'The next token is not valid.'), {
      cause,
    });
  }
}
