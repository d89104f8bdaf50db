const startupHeaderBytes = 8;
const headerBytes = 5;
// Sent in place of a start-up message to ask for encryption; the real one follows.
const encryptionRequests = [80_877_103, 80_877_104];

/**
 * Reads what a client sends to PostgreSQL and tells each statement as it is parsed, and as it is executed (protocol 3, chapter "Message
 * Formats" of its documentation).
 */
export class FrontendReader {
  private buffered: Buffer = Buffer.alloc(0);
  private hasStarted = false;
  /** Text of the prepared statements by name; the empty name is the unnamed one. */
  private readonly prepared = new Map<string, string>();
  private readonly portals = new Map<string, string>();

  constructor(
    private readonly onStatement: (text: string) => void,
    private readonly onParse: (text: string) => void = () => undefined,
  ) {}

  read(chunk: Buffer): void {
    this.buffered = Buffer.concat([this.buffered, chunk]);
    while (this.hasStarted ? this.readMessage() : this.readStartup());
  }

  private readStartup(): boolean {
    if (this.buffered.length < startupHeaderBytes) return false;
    const length = this.buffered.readInt32BE(0);
    if (this.buffered.length < length) return false;
    this.hasStarted = !encryptionRequests.includes(this.buffered.readInt32BE(4));
    this.buffered = this.buffered.subarray(length);
    return true;
  }

  private readMessage(): boolean {
    if (this.buffered.length < headerBytes) return false;
    const length = 1 + this.buffered.readInt32BE(1);
    if (this.buffered.length < length) return false;
    const type = String.fromCharCode(this.buffered[0] ?? 0);
    this.accept(type, this.buffered.subarray(headerBytes, length));
    this.buffered = this.buffered.subarray(length);
    return true;
  }

  private accept(type: string, body: Buffer): void {
    const [first = '', second = ''] = body.toString('utf8').split('\0', 2);
    switch (type) {
      case 'Q':
        this.onStatement(first);
        break;
      case 'P':
        this.prepared.set(first, second);
        this.onParse(second);
        break;
      case 'B':
        this.portals.set(first, this.prepared.get(second) ?? '');
        break;
      case 'E':
        this.onStatement(this.portals.get(first) ?? '');
        break;
    }
  }
}
