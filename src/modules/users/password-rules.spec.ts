import { validateSync } from 'class-validator';
import { isCommonPassword } from './common-passwords.js';
import { IsNewPassword } from './password-rules.js';

class Registration {
  @IsNewPassword()
  password: unknown;
}

function brokenRules(policy: 'classic' | 'nist', password: unknown): string[] {
  const errors = validateSync(Object.assign(new Registration(), { password }), { groups: [policy], always: true });
  return errors.flatMap(({ constraints }) => Object.keys(constraints ?? {})).sort();
}

describe('IsNewPassword', () => {
  it.each([
    ['Quiet-Harbour-47', []],
    ['Ünïcödé-9', []],
    ['', ['passwordDigit', 'passwordLength', 'passwordLowercase', 'passwordSpecial', 'passwordUppercase']],
    ['aB1!aB1', ['passwordLength']],
    ['aB1 aB1 x', ['passwordSpecial']],
    ['aB1!'.repeat(33), ['passwordLength']],
    ['Letmein1!', ['passwordCommon']],
  ])('R3.5: under the classic policy %j breaks %j', (password, rules) => {
    expect(brokenRules('classic', password)).toEqual(rules);
  });

  it.each([
    ['correct horse battery', []],
    ['fifteen letters', []],
    ['Quiet-Harbour1', ['passwordLength']],
    ['iloveyou!!!!!!!!!!!!', ['passwordCommon']],
  ])('A12: under the nist policy %j breaks %j', (password, rules) => {
    expect(brokenRules('nist', password)).toEqual(rules);
  });

  it('A11: counts code points of the composed form', () => {
    const decomposed = 'e\u0301'.repeat(128);
    expect(brokenRules('nist', decomposed)).toEqual([]);
    expect(brokenRules('nist', `${decomposed}x`)).toEqual(['passwordLength']);
  });

  it('E7: looks at a password of a megabyte without going through it', () => {
    const startedAt = performance.now();
    expect(brokenRules('nist', 'x'.repeat(1_000_000))).toContain('passwordLength');
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

describe('isCommonPassword', () => {
  it.each(['password', 'PASSWORD', 'Password1!', 'p@ssw0rd', 'qwerty123', '123456789', 'Letmein!!', 'dragon2024'])(
    'knows %j, dressed up as it may be',
    (password) => {
      expect(isCommonPassword(password)).toBe(true);
    },
  );

  it.each(['Quiet-Harbour-47', 'correct horse battery', 'xkcd-936-staple', '!!!!', ''])(
    'does not know %j',
    (password) => {
      expect(isCommonPassword(password)).toBe(false);
    },
  );
});
