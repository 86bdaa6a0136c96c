const longest = 300;

/** Credentials by shape. A refused signature, for one, is answered with the whole signed request, token included. */
const shapes: readonly (readonly [RegExp, string])[] = [
  [/\bA[KS]IA[A-Z0-9]{8,}\b/g, '***'],
  [
    /\b(x-amz-security-token|authorization|credential|signature|secret\w*|externalid)(\s*[:=]\s*)\S+/gi,
    '$1$2***',
  ],
  [/\bValue '[^']*'/g, "Value '***'"],
  [/(?=\S*\d)(?=\S*[A-Z])(?=\S*[a-z])[A-Za-z0-9+/_=]{40,}/g, '***'],
];

/** The first line of what a cloud said, short, without anything that looks like a key, a token or one of `secrets`. */
export function redact(text: string, secrets: readonly string[]): string {
  let clean = text.trimStart().split(/[\r\n]/, 1)[0] ?? '';
  for (const secret of secrets) if (secret !== '') clean = clean.replaceAll(secret, '***');
  for (const [shape, instead] of shapes) clean = clean.replace(shape, instead);
  return clean.length > longest ? `${clean.slice(0, longest)}…` : clean.trimEnd();
}
