import { article } from '../definition/names.ts';
import type { FieldModel } from '../model/field-model.ts';
import { sampleLiteral } from '../model/samples.ts';
import type { ModuleModel } from '../model/module-model.ts';
import { one } from './dto.template.ts';
import { finderName, parentFinderName } from './repository.template.ts';
import { args, lines } from './text.ts';

/** plural.service.spec.ts: the rules, without I/O. */
export function serviceSpecTemplate(model: ModuleModel): string {
  const { names, fields, parent, hasOwner, isReadOwned, refs, unique, readScope, writeScope } = model;
  const { Class, Classes, variable, file, files } = names;
  const owner = args(writeScope);
  const reader = args(readScope);
  const parentId = parent?.field.property;
  const isReadByAll = hasOwner && !isReadOwned;
  return lines(
    `import { jest } from '@jest/globals';
import { NotFoundException } from '@nestjs/common';
import { PreconditionFailed, PreconditionRequired } from '../../common/http/etag.js';`,
    refs.length > 0 && `import { ValidationFailed } from '../../common/http/problem.exception.js';`,
    `import type { ${Class} } from './${file}.entity.js';
import type { ${Classes}Repository } from './${files}.repository.js';
import { ${Classes}Service } from './${files}.service.js';
`,
    hasOwner && `const ownerId = '01936c1e-8f2a-7c3b-9a41-5d2f7be05678';`,
    parentId !== undefined && `const ${parentId} = '01936c1e-8f2a-7c3b-9a41-5d2f7be09abc';`,
    `const id = '01936c1e-8f2a-7c3b-9a41-5d2f7be01234';

const ${variable}: ${Class} = {
  id,`,
    hasOwner && '  ownerId,',
    parentId !== undefined && `  ${parentId},`,
    ...fields.map((field) => `  ${field.property}: ${entityLiteral(field)},`),
    `  version: 1,
  createdAt: new Date(0),
  updatedAt: new Date(0),
  deletedAt: null,
};

/** A repository with one ${names.singular}, or none, that changes when \`matches\`. */
function serviceWith(stored: ${Class} | null, { matches = true }: { matches?: boolean } = {}) {
  const repository = {
    ${finderName(model)}: jest.fn(() => Promise.resolve(stored)),
    page: jest.fn(() => Promise.resolve({ rows: stored ? [stored] : [], page: { limit: 20, nextCursor: null } })),
    change: jest.fn((..._arguments: unknown[]) => Promise.resolve(matches ? stored : null)),
    undelete: jest.fn(() => Promise.resolve(matches ? stored : null)),`,
    parent && `    ${parentFinderName(parent)}: jest.fn(() => Promise.resolve(true)),`,
    refs.length > 0 && `    brokenReferences: jest.fn(() => Promise.resolve<string[]>([])),`,
    `  };
  return { repository, service: new ${Classes}Service(repository as unknown as ${Classes}Repository) };
}

describe('${Classes}Service', () => {
  it('returns the ${names.singular} without what is not sent', async () => {
    const { service } = serviceWith(${variable});
    expect(await service.get(${reader}id)).toEqual(expect.not.objectContaining({ deletedAt: null }));
  });

  it('throws NotFoundException for one that is not there', async () => {
    const { service } = serviceWith(null);
    await expect(service.get(${reader}id)).rejects.toThrow(NotFoundException);
    await expect(service.remove(${owner}id)).rejects.toThrow(NotFoundException);
    await expect(service.restore(${owner}id)).rejects.toThrow(NotFoundException);
    await expect(service.update(${owner}id, undefined, {})).rejects.toThrow(NotFoundException);
  });

  it('asks for If-Match before it changes anything', async () => {
    const { service, repository } = serviceWith(${variable});
    await expect(service.update(${owner}id, undefined, {})).rejects.toThrow(PreconditionRequired);
    expect(repository.change).not.toHaveBeenCalled();
  });

  it('refuses a stale version', async () => {
    const { service } = serviceWith(${variable}, { matches: false });
    await expect(service.update(${owner}id, '"9"', {})).rejects.toThrow(PreconditionFailed);
    await expect(service.remove(${owner}id, '"9"')).rejects.toThrow(PreconditionFailed);
  });

  it('hides ${one(names)} by the time of its deletion', async () => {
    const { service, repository } = serviceWith(${variable});
    await service.remove(${owner}id);
    expect(repository.change).toHaveBeenCalledWith(${owner}id, 'any', { deletedAt: expect.any(Date) });
  });

  it('restores nothing twice', async () => {
    const { service } = serviceWith(${variable}, { matches: false });
    expect(await service.restore(${owner}id)).toMatchObject({ id });
  });

  it('lists what is sent of each', async () => {
    const { service } = serviceWith(${variable});
    const { data, page } = await service.list(${reader}{});
    expect(page).toEqual({ limit: 20, nextCursor: null });
    expect(data).toEqual([await service.get(${reader}id)]);
  });`,
    refs.length > 0 &&
      `
  it('refuses references that lead nowhere', async () => {
    const { service, repository } = serviceWith(${variable});
    repository.brokenReferences.mockResolvedValue(['${refs[0]?.property}']);
    await expect(service.update(${owner}id, '*', {})).rejects.toThrow(ValidationFailed);
    expect(repository.change).not.toHaveBeenCalled();
  });`,
    parent &&
      `
  it('finds nothing below ${article(parent.names.singular)} ${parent.names.singular} that is not there', async () => {
    const { service, repository } = serviceWith(${variable});
    repository.${parentFinderName(parent)}.mockResolvedValue(false);
    await expect(service.list(${reader}{})).rejects.toThrow(NotFoundException);
    await expect(service.get(${reader}id)).rejects.toThrow(NotFoundException);
    await expect(service.update(${owner}id, '*', {})).rejects.toThrow(NotFoundException);
    await expect(service.remove(${owner}id)).rejects.toThrow(NotFoundException);
    await expect(service.restore(${owner}id)).rejects.toThrow(NotFoundException);
    expect(repository.change).not.toHaveBeenCalled();
    expect(repository.undelete).not.toHaveBeenCalled();
  });`,
    isReadByAll &&
      `
  it("refuses to change another user's", async () => {
    const { service } = serviceWith(${variable}, { matches: false });
    await expect(service.update(${owner.replace('ownerId', "'another'")}id, '*', {})).rejects.toThrow(NotFoundException);
    await expect(service.restore(${owner.replace('ownerId', "'another'")}id)).rejects.toThrow(NotFoundException);
  });`,
    unique.length > 0 &&
      `
  it('throws other errors of the database as they are', async () => {
    const { service, repository } = serviceWith(${variable});
    repository.change.mockRejectedValue(new Error('down'));
    await expect(service.update(${owner}id, '*', {})).rejects.toThrow('down');
  });`,
    '});',
  );
}

function entityLiteral(field: FieldModel): string {
  const sample = sampleLiteral(field);
  return field.type === 'datetime' ? `new Date(${sample})` : sample;
}
