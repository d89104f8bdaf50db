interface Question {
  readonly type: 'question';
  readonly id: number;
  readonly about: string;
}

interface Answer {
  readonly type: 'answer';
  readonly id: number;
  readonly value?: unknown;
  readonly fault?: string;
}

type Asked = { resolve: (value: unknown) => void; reject: (error: Error) => void };

/** Questions to the process at the other end of a channel, and answers to its own. */
export class Conversation {
  private readonly asked = new Map<number, Asked>();
  private readonly replies = new Map<string, () => Promise<unknown>>();
  private lastId = 0;

  constructor(private readonly send: (message: Question | Answer) => void) {}

  /** @throws Error when there is no answer in time, or when the other process failed to find one */
  async ask<T>(about: string, timeoutMs: number): Promise<T> {
    const id = ++this.lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const timer = setTimeout(() => reject(new Error(`No answer about ${about} in ${timeoutMs} ms`)), timeoutMs);
    this.asked.set(id, { resolve, reject });
    this.send({ type: 'question', id, about });
    return promise.finally(() => {
      clearTimeout(timer);
      this.asked.delete(id);
    }) as Promise<T>;
  }

  /** The other process is gone: what was asked of it fails now. */
  giveUp(): void {
    for (const { reject } of this.asked.values()) reject(new Error('The process has ended'));
  }

  /** Tells what to answer when the other process asks. */
  answer(about: string, reply: () => Promise<unknown>): void {
    this.replies.set(about, reply);
  }

  /** Takes a message of the channel; false when it is of another kind. */
  take(message: unknown): boolean {
    const heard = message as Question | Answer | undefined;
    if (heard?.type === 'question') void this.reply(heard);
    else if (heard?.type === 'answer') this.settle(heard);
    else return false;
    return true;
  }

  private async reply({ id, about }: Question): Promise<void> {
    try {
      this.send({ type: 'answer', id, value: await this.replies.get(about)?.() });
    } catch (error) {
      this.send({ type: 'answer', id, fault: (error as Error).message });
    }
  }

  private settle({ id, value, fault }: Answer): void {
    const asked = this.asked.get(id);
    if (fault === undefined) asked?.resolve(value);
    else asked?.reject(new Error(fault));
  }
}
