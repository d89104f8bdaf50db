/** Bounds as decimal strings, both inclusive. */
export interface DecimalRange {
  readonly min?: string;
  readonly max?: string;
}

/** Writes a decimal string with exactly `scale` decimals and without needless zeros in front. */
export function normalizeDecimal(text: string, scale: number): string {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const digits = whole.replace(/^0+(?=\d)/, '');
  const number = scale > 0 ? `${digits}.${fraction.padEnd(scale, '0')}` : digits;
  return text.startsWith('-') && /[1-9]/.test(number) ? `-${number}` : number;
}

/** Compares without floats, which would lose digits. The text must be a decimal string of at most `scale` decimals. */
export function isWithinDecimals(text: string, { min, max }: DecimalRange, scale: number): boolean {
  const value = scaled(text, scale);
  return (min === undefined || value >= scaled(min, scale)) && (max === undefined || value <= scaled(max, scale));
}

/** Whether the text is a day of the calendar, from year 1 on. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || text.startsWith('0000')) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** Whether the text is a moment with an offset (RFC 3339, section 5.6), from year 1 on. */
export function isInstant(text: string): boolean {
  const time = /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/.exec(
    text,
  );
  return time !== null && isDay(time[1] ?? '') && new Date(text).getUTCFullYear() >= 1;
}

function scaled(text: string, scale: number): bigint {
  return BigInt(normalizeDecimal(text, scale).replace('.', ''));
}
