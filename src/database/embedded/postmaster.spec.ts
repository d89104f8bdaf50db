import { isAlive, namesServerOf, parsePidFile } from './postmaster.js';

describe('parsePidFile', () => {
  it('reads process, folder and port', () => {
    const text = '12629\n/srv/app/.data/postgres\n1795492848\n54999\n\n127.0.0.1\n  9986217         6\nready   \n';
    expect(parsePidFile(text)).toEqual({ pid: 12629, dataDir: '/srv/app/.data/postgres', port: 54999 });
  });

  it.each(['', '12629\n', '12629\n/srv/app/.data/postgres\n1795492848\n'])('waits for the rest of %j', (text) => {
    expect(parsePidFile(text)).toBeUndefined();
  });

  it('takes the standalone backend, whose number is negative, for no server', () => {
    expect(parsePidFile('-12629\n/srv/app/.data/postgres\n1795492848\n54999\n')).toBeUndefined();
  });
});

describe('namesServerOf', () => {
  const folder = '/srv/my app/.data/postgres';

  it.each([
    ['as Linux lists it', `/opt/bin/postgres\0-D\0${folder}\0-p\x0054999\0`],
    ['as ps prints it', `/opt/bin/postgres -D ${folder} -p 54999`],
    ['without a port', `postgres -D ${folder}`],
    ['of Windows', `"C:\\bin\\postgres.exe" -D ${folder} -p 54999`],
  ])('knows a server %s', (_how, commandLine) => {
    expect(namesServerOf(folder, commandLine)).toBe(true);
  });

  it.each([
    ['a server of another folder', '/opt/bin/postgres\0-D\0/srv/other/postgres\0'],
    ['a server of a folder whose name begins the same', `/opt/bin/postgres\0-D\0${folder}-2\0`],
    ['another program', `/usr/bin/ls\0-D\0${folder}\0`],
    ['a zombie', ''],
  ])('does not take %s for it', (_what, commandLine) => {
    expect(namesServerOf(folder, commandLine)).toBe(false);
  });
});

describe('isAlive', () => {
  it('tells a living process from a number that no process has', () => {
    expect(isAlive(process.pid)).toBe(true);
    expect(isAlive(2 ** 30)).toBe(false);
  });
});
