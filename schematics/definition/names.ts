import pluralize from 'pluralize';

/** A name in the spellings that the code needs. */
export interface Names {
  /** order-lines, order-line */
  readonly files: string;
  readonly file: string;
  /** OrderLines, OrderLine */
  readonly Classes: string;
  readonly Class: string;
  /** orderLines, orderLine */
  readonly variables: string;
  readonly variable: string;
  /** order_lines */
  readonly table: string;
  /** Order lines, order lines, order line */
  readonly Title: string;
  readonly plural: string;
  readonly singular: string;
}

/** Spells a module's name, given in singular or plural, as orderLines, order-lines or order_lines. */
export function namesOf(name: string): Names {
  const words = wordsOf(name);
  const start = words.slice(0, -1);
  const last = words.at(-1) ?? '';
  const many = [...start, pluralize.plural(last)];
  const one = [...start, pluralize.singular(last)];
  return {
    files: many.join('-'),
    file: one.join('-'),
    Classes: pascal(many),
    Class: pascal(one),
    variables: camel(many),
    variable: camel(one),
    table: many.join('_'),
    Title: capital(many.join(' ')),
    plural: many.join(' '),
    singular: one.join(' '),
  };
}

export function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function singularOf(word: string): string {
  return pluralize.singular(word);
}

export function pluralOf(word: string): string {
  return pluralize.plural(word);
}

/** a or an, by the first letter. */
export function article(word: string): string {
  return /^([aeio]|u(?!ni|se|ti))/.test(word) ? 'an' : 'a';
}

function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[-_]/);
}

function camel(words: readonly string[]): string {
  return words.map((word, index) => (index === 0 ? word : capital(word))).join('');
}

function pascal(words: readonly string[]): string {
  return words.map(capital).join('');
}
