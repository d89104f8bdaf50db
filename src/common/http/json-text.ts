/** Deeper values are left to JSON.stringify, which also tells of cycles. */
const maxDepth = 32;

const msPerDay = 86_400_000;
const maxDays = 4096;
const days = new Map<number, string>();

/**
 * The text that JSON.stringify gives, sooner when there are Dates in the value: V8 has a quick way for plain data, which it
 * leaves for the whole value as soon as something has a toJSON.
 */
export function jsonText(value: unknown): string {
  return JSON.stringify(withoutDates(value, 0));
}

/** The text that date.toISOString() gives: the day is worded once for all moments in it. */
export function isoText(date: Date): string {
  const ms = date.getTime();
  const day = Math.floor(ms / msPerDay);
  let text = days.get(day);
  if (text === undefined) {
    text = date.toISOString().slice(0, -13);
    if (days.size >= maxDays) days.clear();
    days.set(day, text);
  }
  const rest = ms - day * msPerDay;
  return `${text}${clock[Math.floor(rest / 60_000)]}${seconds[Math.floor(rest / 1000) % 60]}${fractions[rest % 1000]}`;
}

const digits = (count: number, width: number) =>
  Array.from({ length: count }, (_, number) => String(number).padStart(width, '0'));
const twoDigits = digits(60, 2);
/** `hh:mm:` for each minute of a day. */
const clock = twoDigits.slice(0, 24).flatMap((hour) => twoDigits.map((minute) => `${hour}:${minute}:`));
const seconds = twoDigits.map((second) => `${second}.`);
const fractions = digits(1000, 3).map((fraction) => `${fraction}Z`);

/** The value itself, or a copy in which each Date is the text that stands for it. */
function withoutDates(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || depth > maxDepth) return value;
  if (value instanceof Date) return textOf(value);
  if ('toJSON' in value) return value;
  return Array.isArray(value) ? copyList(value, depth) : copyObject(value as Record<string, unknown>, depth);
}

function textOf(date: Date): unknown {
  const isOrdinary = date.toJSON === Date.prototype.toJSON && date.toISOString === Date.prototype.toISOString;
  if (!isOrdinary) return date;
  return Number.isNaN(date.getTime()) ? null : isoText(date);
}

function copyList(list: readonly unknown[], depth: number): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let index = 0; index < list.length; index++) {
    const element = withoutDates(list[index], depth + 1);
    if (element !== list[index]) (copy ??= [...list])[index] = element;
  }
  return copy ?? list;
}

function copyObject(object: Record<string, unknown>, depth: number): Record<string, unknown> {
  let copy: Record<string, unknown> | undefined;
  for (const key in object) {
    const value = object[key];
    if (typeof value !== 'object') continue;
    const plain = withoutDates(value, depth + 1);
    if (plain === value || !Object.hasOwn(object, key)) continue;
    // Can't be set like any other key; nothing of ours has it.
    if (key === '__proto__') return object;
    (copy ??= { ...object })[key] = plain;
  }
  return copy ?? object;
}
