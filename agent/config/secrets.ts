import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { inspect } from 'node:util';

const brand: unique symbol = Symbol('SecretText');

/** A text that may carry a secret: it prints as `***` wherever it is printed, and tells itself only when asked. */
export interface SecretText {
  readonly [brand]: true;
  /**
   * The text, its references resolved now: files are read again at each call, so a rotated secret is seen.
   * Throws a SecretError that names the variable or the file.
   */
  reveal(): string;
  /**
   * The same text for as long as `reveal` says the same, found without reading a file. It tells nothing of the secret.
   * Undefined where only `reveal` can tell. Throws as it does.
   */
  stamp(): string | undefined;
  toString(): string;
  toJSON(): string;
}

/** A reference that cannot be resolved. Its message names the variable or the file, never a value. */
export class SecretError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SecretError';
  }
}

/** Where references are looked up. */
export interface ReferenceScope {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder that a relative `${file:…}` counts from. */
  readonly directory: string;
}

/**
 * A text with references in it: `${env:NAME}` and `${file:/path}`, anywhere in the text and as often as you like. `$${` is a
 * plain `${`. What a reference resolves to is not looked at for further references.
 */
export function secretText(template: string, scope: ReferenceScope): SecretText {
  return Object.freeze({
    [brand]: true as const,
    reveal: () => resolveReferences(template, scope),
    stamp: () => stampOf(template, scope),
    toString: () => '***',
    toJSON: () => '***',
    [inspect.custom]: () => '***',
  });
}

export function isSecretText(value: unknown): value is SecretText {
  return typeof value === 'object' && value !== null && brand in value;
}

function resolveReferences(template: string, scope: ReferenceScope): string {
  return template.replaceAll(/\$\$\{|\$\{([^}]*)(\}?)/g, (_, body?: string, close?: string) => {
    if (body === undefined) return '${';
    const [, kind, name] = /^(env|file):(.+)$/s.exec(body) ?? [];
    if (close === '' || kind === undefined || name === undefined) {
      throw new SecretError(
        'not a reference: write ${env:NAME} or ${file:/path}, or $${ for a plain ${',
      );
    }
    return kind === 'env' ? fromEnvironment(name, scope) : fromFile(name, scope);
  });
}

/** A file by what changes when it is written, or another is put in its place; a variable may be set by anybody. */
function stampOf(template: string, scope: ReferenceScope): string | undefined {
  if (/\$\{env:/.test(template)) return undefined;
  const files = [...template.matchAll(/\$\$\{|\$\{file:([^}]+)\}/g)].flatMap(
    ([, path]) => path ?? [],
  );
  return files.map((path) => fileStamp(path, scope)).join(' ');
}

function fileStamp(path: string, { directory }: ReferenceScope): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(resolve(directory, path), { bigint: true });
    return `${ino}.${size}.${mtimeNs}.${ctimeNs}`;
  } catch (error) {
    throw new SecretError(`file ${path} cannot be read: ${whyUnreadable(error)}`);
  }
}

function fromEnvironment(name: string, scope: ReferenceScope): string {
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    throw new SecretError(
      'not the name of an environment variable: letters, digits and _ as in ${env:HOOK_URL}',
    );
  }
  const value = scope.env[name];
  if (value === undefined) {
    throw new SecretError(`environment variable ${name} is not set; set it where the agent starts`);
  }
  return value;
}

/** The file's text without the line ends that editors leave at its end. */
function fromFile(path: string, scope: ReferenceScope): string {
  try {
    return readFileSync(resolve(scope.directory, path), 'utf8').replace(/[\r\n]+$/, '');
  } catch (error) {
    throw new SecretError(`file ${path} cannot be read: ${whyUnreadable(error)}`);
  }
}

/** What a failed read of a file means, in words. */
export function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'there is no such file';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied for the user the agent runs as';
    case 'EISDIR':
      return 'it is a folder';
    default:
      return code;
  }
}
