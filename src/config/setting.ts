/** How one environment variable is read: its rule, default and the sentence that the documentation prints. */
export interface Setting<T> {
  readonly env: string;
  /** Heading in the documentation. */
  readonly group?: string;
  readonly about: string;
  readonly rule: Rule<T>;
  /** Used when the variable is missing or empty; a function sees the settings read before it. */
  readonly fallback: T | ((nodeEnv: NodeEnv) => T);
  /** Wording of a default that is computed, for the documentation. */
  readonly defaultText?: string;
}

export type NodeEnv = 'development' | 'test' | 'production';

/** Turns the text of a variable into a value. */
export interface Rule<T> {
  /** Completes "must be ..." in a fault; never contains the value. */
  readonly expects: string;
  /** The value, or undefined when the text breaks the rule. */
  parse(text: string): T | undefined;
}

/** At most `count` hits in each window of `windowSeconds`. */
export interface Rate {
  readonly count: number;
  readonly windowSeconds: number;
}

export const text: Rule<string> = { expects: 'text', parse: (value) => value };

const flags: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
  ['1', true],
  ['0', false],
]);

export const flag: Rule<boolean> = {
  expects: 'true or false',
  parse: (value) => flags.get(value.toLowerCase()),
};

export const integer = (min: number, max: number): Rule<number> => ({
  expects: `a whole number from ${min} to ${max}`,
  parse: (value) => inRange(/^\d{1,15}$/.test(value) ? Number(value) : NaN, min, max),
});

/** Permission bits as chmod takes them, such as 0660. */
export const fileMode: Rule<number> = {
  expects: 'octal permissions such as 0660',
  parse: (value) => (/^0?[0-7]{3}$/.test(value) ? parseInt(value, 8) : undefined),
};

/** A duration in seconds; fractions are allowed. */
export const seconds = (min: number, max: number): Rule<number> => ({
  expects: `a number of seconds from ${min} to ${max}`,
  parse: (value) => inRange(/^\d{1,9}(\.\d{1,3})?$/.test(value) ? Number(value) : NaN, min, max),
});

export const oneOf = <const T extends string>(...values: T[]): Rule<T> => ({
  expects: `one of ${values.join(', ')}`,
  parse: (value) => values.find((candidate) => candidate === value),
});

/** A URL with one of the given schemes and a host. */
export const url = (...schemes: string[]): Rule<string> => ({
  expects: `a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  parse: (value) => {
    const parsed = URL.canParse(value) ? new URL(value) : undefined;
    return parsed && schemes.includes(parsed.protocol.slice(0, -1)) && parsed.host ? value : undefined;
  },
});

/** A comma separated list whose every entry keeps to `rule`. */
export const listOf = <T extends string>(rule: Rule<T>): Rule<readonly T[]> => ({
  expects: `a comma separated list, each ${rule.expects}`,
  parse: (value) => {
    const entries = value.split(',').map((entry) => rule.parse(entry.trim()));
    return entries.every((entry) => entry !== undefined) ? entries : undefined;
  },
});

/** An origin as browsers send it (RFC 6454): scheme, host and port, nothing else; or `*`. */
export const origin: Rule<string> = {
  expects: 'an origin such as https://app.example.com',
  parse: (value) =>
    value === '*' || (/^https?:\/\//.test(value) && URL.canParse(value) && new URL(value).origin === value)
      ? value
      : undefined,
};

const secondsIn = { second: 1, minute: 60, hour: 3600, day: 86_400 } as const;

export const rate: Rule<Rate | 'off'> = {
  expects: 'a rate such as 100/hour (second, minute, hour or day), or off',
  parse: (value) => {
    if (value === 'off') return 'off';
    const match = /^([1-9]\d{0,8})\/(second|minute|hour|day)$/.exec(value);
    return match
      ? { count: Number(match[1]), windowSeconds: secondsIn[match[2] as keyof typeof secondsIn] }
      : undefined;
  },
};

function inRange(value: number, min: number, max: number): number | undefined {
  return value >= min && value <= max ? value : undefined;
}
