import type { ModuleModel } from '../model/module-model.ts';
import { uniqueConst } from './entity.template.ts';
import { finderName } from './repository.template.ts';
import { createDocs, creation, parentArguments, parentCheck, takenCode, takenCodes } from './service-parts.template.ts';
import { args, imported, lines, parameters } from './text.ts';

/** plural.service.ts: every rule. */
export function serviceTemplate(model: ModuleModel): string {
  const { names, fields, parent, unique, refs, hasOwner, isReadOwned, readScope, writeScope } = model;
  const { Class, Classes, variable, variables, file, files } = names;
  const owner = parameters(writeScope);
  const ownerArg = args(writeScope);
  const reader = parameters(readScope);
  const readerArg = args(readScope);
  const checkParent = parent && `    await this.require${parent.names.Class}(${parentArguments(model)});`;
  const isReadByAll = hasOwner && !isReadOwned;
  const refOwner = hasOwner && refs.some(({ target }) => target.hasOwner) ? 'ownerId, ' : '';
  const checkRefs = (source: string) =>
    refs.length > 0 && `    refuseBroken(await this.${variables}.brokenReferences(${refOwner}${source}));`;
  const orTaken = unique.length > 0 ? '.catch(toTaken)' : '';
  const properties = fields.map((field) => field.property).join(', ');
  return lines(
    imported([unique.length > 0 && 'HttpStatus', 'Injectable', 'NotFoundException'], '@nestjs/common'),
    `import { parseIfMatch, PreconditionFailed, PreconditionRequired } from '../../common/http/etag.js';`,
    imported(
      [unique.length > 0 && 'ProblemException', hasOwner && 'Unauthorized', refs.length > 0 && 'ValidationFailed'],
      '../../common/http/problem.exception.js',
    ),
    `import { newId } from '../../common/new-id.js';
import { insertOne } from '../../database/compiled-insert.js';`,
    (hasOwner || unique.length > 0) && `import { violatedConstraint } from '../../database/sqlstate.js';`,
    hasOwner || unique.length > 0
      ? imported([hasOwner && 'ownerKey', ...unique.map(uniqueConst), `type ${Class}`], `./${file}.entity.js`)
      : `import type { ${Class} } from './${file}.entity.js';`,
    `import { ${Class}Dto, type Create${Class}Dto, type ${Classes}Page, type ${Classes}Query, type Update${Class}Dto } from './${files}.dto.js';
import { ${Classes}Repository } from './${files}.repository.js';
`,
    isReadOwned &&
      `/** Every method works on the ${names.plural} of one owner; another user's ${names.singular} is as good as none. */`,
    isReadByAll &&
      `/** Everybody reads the ${names.plural}; only their owner changes them, for others they are as good as none. */`,
    `@Injectable()
export class ${Classes}Service {
  constructor(private readonly ${variables}: ${Classes}Repository) {}
`,
    createDocs(model),
    refs.length > 0
      ? `  async create(${owner}body: Create${Class}Dto): Promise<${Class}Dto> {
    const { ${properties} } = body;`
      : `  async create(${owner}{ ${properties} }: Create${Class}Dto): Promise<${Class}Dto> {`,
    checkParent,
    checkRefs('body'),
    `    const inserted = insertOne(this.${variables}, {
      id: newId(),`,
    hasOwner && '      ownerId,',
    parent && `      ${parent.field.property},`,
    ...fields.map(creation),
    `    });
    return ${Class}Dto.of(await inserted${orTaken}${hasOwner ? '.catch(toOwnerGone)' : ''});
  }

${parent ? '  /** @throws NotFoundException */\n' : ''}  async list(${reader}query: ${Classes}Query): Promise<${Classes}Page> {${parent ? `\n${checkParent}` : ''}
    const { rows, page } = await this.${variables}.page(${readerArg}query);
    return { data: rows.map((${variable}) => ${Class}Dto.of(${variable})), page };
  }

  /** @throws NotFoundException */
  async get(${reader}id: string): Promise<${Class}Dto> {${parent ? `\n${checkParent}` : ''}
    return ${Class}Dto.of(found(await this.${variables}.${finderName(model)}(${readerArg}id)));
  }

  /**
   * @throws NotFoundException`,
    refs.length > 0 && '   * @throws ValidationFailed when a reference leads nowhere',
    unique.length > 0 && `   * @throws ProblemException 409 ${takenCodes(unique)}`,
    `   * @throws PreconditionRequired without If-Match, PreconditionFailed when it is stale
   */
  async update(${owner}id: string, ifMatch: string | undefined, changes: Update${Class}Dto): Promise<${Class}Dto> {
    if (ifMatch === undefined) {`,
    isReadByAll ? `      await this.getOwn(${ownerArg}id);` : `      await this.get(${readerArg}id);`,
    `      throw new PreconditionRequired();
    }`,
    checkRefs('changes'),
    `    return this.change(${ownerArg}id, ifMatch, { ...changes });
  }

  /**
   * Hides the ${names.singular} until it is restored.
   * @throws NotFoundException`,
    `   * @throws PreconditionFailed when If-Match is given and stale
   */
  async remove(${owner}id: string, ifMatch = '*'): Promise<void> {
    await this.change(${ownerArg}id, ifMatch, { deletedAt: new Date() });
  }
`,
    unique.length > 0
      ? `  /**
   * Brings a deleted ${names.singular} back; one that was not deleted stays as it is.
   * @throws NotFoundException
   * @throws ProblemException 409 ${takenCodes(unique)}
   */`
      : `  /** Brings a deleted ${names.singular} back; one that was not deleted stays as it is. @throws NotFoundException */`,
    `  async restore(${owner}id: string): Promise<${Class}Dto> {${parent ? `\n${checkParent}` : ''}
    const restored = await this.${variables}.undelete(${ownerArg}id)${orTaken};
    return restored ? ${Class}Dto.of(restored) : this.${isReadByAll ? `getOwn(${ownerArg}` : `get(${readerArg}`}id);
  }
`,
    isReadByAll &&
      `  private async getOwn(${owner}id: string): Promise<${Class}Dto> {
    const ${variable} = await this.get(${readerArg}id);
    if (${variable}.ownerId !== ownerId) throw new NotFoundException();
    return ${variable};
  }
`,
    `  private async change(${owner}id: string, ifMatch: string, changes: Partial<${Class}>): Promise<${Class}Dto> {${parent ? `\n${checkParent}` : ''}
    const changed = await this.${variables}.change(${ownerArg}id, parseIfMatch(ifMatch), changes)${orTaken};
    if (changed) return ${Class}Dto.of(changed);
    // Nothing matched: tell a missing ${names.singular} from a stale version.
    await this.${isReadByAll ? `getOwn(${ownerArg}` : `get(${readerArg}`}id);
    throw new PreconditionFailed();
  }${parentCheck(model)}
}

function found(${variable}: ${Class} | null): ${Class} {
  if (!${variable}) throw new NotFoundException();
  return ${variable};
}`,
    refs.length > 0 &&
      `
function refuseBroken(fields: readonly string[]): void {
  if (fields.length === 0) return;
  throw new ValidationFailed(
    fields.map((field) => ({ field, code: 'unknown_reference', message: 'must be the id of something that exists' })),
  );
}`,
    hasOwner &&
      `
/** Until their token is refused everywhere, a user who is gone may still ask for things. */
function toOwnerGone(error: unknown): never {
  if (violatedConstraint(error) === ownerKey) throw new Unauthorized('invalid_token', { tokenSent: true });
  throw error;
}`,
    unique.length > 0 &&
      `
function toTaken(error: unknown): never {
  const constraint = violatedConstraint(error);
${unique.map((field) => `  if (constraint === ${uniqueConst(field)}) throw taken('${field.property}', '${takenCode(field)}');`).join('\n')}
  throw error;
}

function taken(field: string, code: string): ProblemException {
  return new ProblemException(HttpStatus.CONFLICT, code, { detail: \`This \${field} is taken.\` });
}`,
  );
}
