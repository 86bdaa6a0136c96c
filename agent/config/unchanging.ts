import type { SecretText } from './secrets.ts';

/** The same value, readonly all the way down: a configuration is read and never written. */
export type Unchanging<T> = T extends SecretText
  ? T
  : T extends readonly (infer Item)[]
    ? { readonly [Index in keyof T]: Unchanging<T[Index]> } & readonly Unchanging<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Unchanging<T[Key]> }
      : T;
