import { article } from '../definition/names.ts';
import { isParentOwned } from '../model/parent.ts';
import type { FieldModel } from '../model/field-model.ts';
import { sampleLiteral } from '../model/samples.ts';
import type { ModuleModel } from '../model/module-model.ts';
import { routePath } from './controller.template.ts';
import { takenCode } from './service-parts.template.ts';
import { lines } from './text.ts';

/** docs/modules/<plural>.md */
export function docsTemplate(model: ModuleModel): string {
  const { names, parent, fields, filters, sortable, searchable, unique, refs } = model;
  const path = `/${routePath(model)}`;
  const orders = ['createdAt', 'updatedAt', ...sortable.map((field) => field.property)];
  const keys = [...(searchable.length > 0 ? ['q'] : []), ...filters.map((filter) => filter.name)];
  return lines(
    `# ${names.Title}

${access(model)}${parent ? ` They are below ${article(parent.names.singular)} ${parent.names.singular}; when that is not there${isParentOwned(model) ? ", or is another user's" : ''}, the answer is 404.` : ''}

| route | answer |
| --- | --- |
| \`POST ${path}\` | 201, Location, ETag |
| \`GET ${path}\` | 200, a page |
| \`GET ${path}/:id\` | 200, ETag; 304 with If-None-Match |
| \`PATCH ${path}/:id\` | 200; If-Match is required: 428 without, 412 when stale |
| \`DELETE ${path}/:id\` | 204, soft |
| \`POST ${path}/:id/restore\` | 200 |

| field | type | rules |
| --- | --- | --- |`,
    ...fields.map((field) => `| \`${field.property}\` | ${typeText(field)} | ${rulesText(field)} |`),
    `
The list is sorted by \`sort\`: ${orders.map((order) => `\`${order}\``).join(', ')}; a \`-\` in front turns it round.`,
    keys.length > 0 && `It is filtered by ${keys.map((key) => `\`${key}\``).join(', ')}.`,
    unique.length > 0 &&
      `\nA value that is taken is 409 ${unique.map((field) => `\`${takenCode(field)}\``).join(' or ')}${parent ? `; each ${parent.names.singular} has its own values` : model.hasOwner ? '; each owner has their own values' : ''}.`,
    refs.length > 0 && '\nA reference that leads nowhere is 400 `unknown_reference`.',
  );
}

function access({ names, isPublic, isAdminOnly, hasOwner }: ModuleModel): string {
  if (isAdminOnly) return isPublic ? 'Anyone reads, administrators write.' : 'Only administrators read and write.';
  if (hasOwner) {
    return isPublic
      ? `Anyone reads; only its owner changes ${/^[aeio]/.test(names.singular) ? 'an' : 'a'} ${names.singular} (404 for others).`
      : `Each user has their own ${names.plural}; those of others are 404.`;
  }
  return isPublic ? 'Anyone reads, any signed-in user writes.' : 'Any signed-in user reads and writes.';
}

function typeText({ type, values, precision, scale, target }: FieldModel): string {
  if (type === 'enum') return values.map((value) => `\`${value}\``).join(', ');
  if (type === 'decimal') return `decimal string, ${precision} digits, ${scale} decimals`;
  if (type === 'bigint') return 'whole number as a string';
  return target ? `id in ${target.table}` : type;
}

function rulesText(field: FieldModel): string {
  const { optional, unique, default: standard, min, max } = field;
  return [
    ...(optional ? ['may be null'] : field.isOptionalInput ? [] : ['required']),
    ...(unique ? ['unique'] : []),
    ...(standard === undefined ? [] : [`default \`${standard}\``]),
    ...(min === undefined ? [] : [`min ${min}`]),
    ...(max === undefined ? [] : [`max ${max}`]),
    `such as \`${sampleLiteral(field).replaceAll('|', '\\|')}\``,
  ].join(', ');
}
