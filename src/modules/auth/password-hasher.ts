import { availableParallelism } from 'node:os';
import { Injectable } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';
import { Unavailable } from '../../common/http/problem.exception.js';

/** Argon2id in the library's enumeration, which is ambient and so has no value here. */
const argon2id = 2;
/** The least memory that OWASP's Password Storage Cheat Sheet allows: 19 MiB, two passes, one lane. */
const parameters = { algorithm: argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const currentPrefix = '$argon2id$v=19$m=19456,t=2,p=1$';
const argon2Hash = /^\$argon2(id|i|d)\$/;
const bcryptHash = /^\$2[aby]\$/;

/** Hashes run on as many threads as there are cores; beyond this many waiting the server says that it is busy. */
const maxWaiting = 16;

/** Argon2id hashing with a bounded queue, so that a flood of logins neither eats the memory nor starves other requests. */
@Injectable()
export class PasswordHasher {
  private readonly maxRunning = availableParallelism();
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  private decoy?: Promise<string>;

  /** @throws Unavailable 503 overloaded */
  hash(password: string): Promise<string> {
    return this.inTurn(() => hash(password.normalize('NFC'), parameters));
  }

  /**
   * Verifies argon2 and, from older systems, bcrypt. No password is right for anything else, such as the ! of a locked
   * account.
   * @throws Unavailable 503 overloaded
   */
  async verify(password: string, passwordHash: string): Promise<boolean> {
    const normalized = password.normalize('NFC');
    if (bcryptHash.test(passwordHash)) {
      // Only where users came from elsewhere; by itself it takes 2 MB.
      const bcrypt = await import('@node-rs/bcrypt');
      return this.inTurn(() => bcrypt.verify(normalized, passwordHash));
    }
    if (argon2Hash.test(passwordHash)) return this.inTurn(() => verify(passwordHash, normalized));
    return this.verifyNothing(password);
  }

  /** Costs what a verification costs and is never true, so that an unknown name takes as long as a known one. */
  async verifyNothing(password: string): Promise<false> {
    this.decoy ??= hash('decoy', parameters);
    await this.verify(password, await this.decoy);
    return false;
  }

  /** Whether the hash should be made anew with today's parameters. */
  isOutdated(passwordHash: string): boolean {
    return !passwordHash.startsWith(currentPrefix);
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.running < this.maxRunning) this.running++;
    else await this.turn();
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      // The turn is handed on, so the count of those who run stays as it is.
      if (next) next();
      else this.running--;
    }
  }

  private turn(): Promise<void> {
    if (this.waiting.length >= maxWaiting) throw new Unavailable('overloaded');
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
