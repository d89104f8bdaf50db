import { accessOf, addAccess, dropAccess } from './access-lists.ts';

const text = `const publicOperations = ['authLogin'];
const adminOperations = ['usersList']; // of administrators
`;

describe('the lists of who may what', () => {
  it('take a module in and let it out again', () => {
    const access = accessOf('notices', { isPublic: true, isAdminOnly: true });
    const added = addAccess(text, access);
    expect(added).toContain("['authLogin', 'noticesGet', 'noticesList']");
    expect(added).toContain("['noticesCreate', 'noticesRemove', 'noticesRestore', 'noticesUpdate', 'usersList'];");
    expect(addAccess(added, access)).toBe(added);
    expect(dropAccess(added, access)).toBe(text);
  });

  it('say nothing of a module for its users', () => {
    expect(addAccess(text, accessOf('orders', { isPublic: false, isAdminOnly: false }))).toBe(text);
  });
});
