import { readFileSync } from 'node:fs';

/** A session with the inspector of a program that was started with --inspect (Chrome DevTools Protocol). */
export class Inspector {
  /** @type {Map<number, { resolve: (result: any) => void, reject: (error: Error) => void }>} */
  #pending = new Map();
  #lastId = 0;
  #socket;

  /** @param {string} logFile where Node wrote the inspector's address */
  static async connect(logFile) {
    const url = /Debugger listening on (ws:\S+)/.exec(readFileSync(logFile, 'utf8'))?.[1];
    if (!url) throw new Error('The program does not offer an inspector.');
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error('The inspector refuses the connection.'));
    });
    return new Inspector(socket);
  }

  /** @param {WebSocket} socket open */
  constructor(socket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      const { id, result, error } = JSON.parse(data);
      const pending = this.#pending.get(id);
      this.#pending.delete(id);
      if (error) pending?.reject(new Error(error.message));
      else pending?.resolve(result);
    };
  }

  /**
   * @param {string} method
   * @param {object} [params]
   * @returns {Promise<any>} the result
   */
  send(method, params = {}) {
    const id = ++this.#lastId;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve, reject) => this.#pending.set(id, { resolve, reject }));
  }

  /** Bytes that JavaScript has allocated since the program started. */
  async allocatedBytes() {
    const expression = `process.getBuiltinModule('node:v8').getHeapStatistics().total_allocated_bytes`;
    const { result } = await this.send('Runtime.evaluate', { expression });
    return Number(result.value);
  }

  close() {
    this.#socket.close();
  }
}
