import type { ErrorCode } from 'yaml';

const faultTexts: Readonly<Partial<Record<ErrorCode, string>>> = {
  TAB_AS_INDENT: 'not YAML: a tab indents this line; use spaces',
  BAD_INDENT:
    'not YAML: wrong indentation; line this up with its neighbours, or close an open bracket',
  MULTIPLE_DOCS: 'a second YAML document begins here; keep one a file and delete the `---`',
  MISSING_CHAR: 'not YAML: a quote, bracket, comma or `: ` is missing here or just before',
  BAD_SCALAR_START: 'not YAML: no value begins with this character; put the value in quotes',
  BAD_DQ_ESCAPE: 'not YAML: unknown escape; use single quotes or double the backslash',
  BLOCK_AS_IMPLICIT_KEY:
    'not YAML: a value with `: ` in it needs quotes; a mapping needs a new line',
  MULTILINE_IMPLICIT_KEY: 'not YAML: the key before this has no `: ` on its line',
  TAG_RESOLVE_FAILED: 'unknown YAML tag; delete the word that begins with `!`, or quote the value',
  BAD_ALIAS: 'not YAML: bad alias; write the value out, or quote a text that begins with `*`',
  UNEXPECTED_TOKEN: 'not YAML: this does not belong here; quote the value, or close what is open',
};

/** What a fault of the YAML text is, in our own words, since the parser's own may quote the file, and with it a secret. */
export function faultText(code: ErrorCode): string {
  return faultTexts[code] ?? 'not YAML: compare the line with what the README shows';
}
