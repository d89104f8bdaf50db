/** Why a text can't be kept as it is: PostgreSQL has no U+0000, and UTF-8 has no lone surrogates. */
export function textFaultOf(text: string): string | undefined {
  if (text.includes('\0')) return 'must not contain U+0000';
  if (!text.isWellFormed()) return 'must not contain lone surrogates';
  return undefined;
}
