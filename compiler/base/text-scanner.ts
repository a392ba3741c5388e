// Reads the text forms of the compiler's levels: words, integers and punctuation, line by line.
// Blanks separate tokens; `;` begins a comment that ends with the line; a line's end is significant and is asked for by name.
// Every error carries line and column, both counted from 1.

/** A text that does not parse: what was wrong, and where. */
export class TextError extends Error {
  readonly line: number;
  readonly column: number;
  constructor(message: string, line: number, column: number) {
    super(`${line}:${column}: ${message}`);
    this.name = 'TextError';
    this.line = line;
    this.column = column;
  }
}

const wordPattern = /[A-Za-z_][A-Za-z0-9_]*/y;
const integerPattern = /-?(?:0x[0-9a-fA-F]+|[0-9]+)/y;

export class TextScanner {
  readonly text: string;
  /** Offset of the next character. */
  position: number;
  private readonly firstLine: number;

  /** Scans `text` from its start; `firstLine` is the number of its first line in the file it was cut from. */
  constructor(text: string, firstLine = 1) {
    this.text = text;
    this.position = 0;
    this.firstLine = firstLine;
  }

  /** Throws at the next token, or at `position` if one is given. */
  fail(message: string, position?: number): never {
    this.skipBlanks();
    const at = position ?? this.position;
    let line = this.firstLine;
    let start = 0;
    for (let end = this.text.indexOf('\n'); end >= 0 && end < at; end = this.text.indexOf('\n', end + 1)) {
      line++;
      start = end + 1;
    }
    throw new TextError(message, line, at - start + 1);
  }

  /** Skips blanks and a comment, but not the line's end. */
  skipBlanks(): void {
    const text = this.text;
    let at = this.position;
    for (;;) {
      const c = text.charCodeAt(at);
      if (c === 0x20 || c === 0x09 || c === 0x0d) at++;
      else if (c === 0x3b) {
        const end = text.indexOf('\n', at);
        at = end < 0 ? text.length : end;
      } else break;
    }
    this.position = at;
  }

  /** Skips blanks, comments and ends of lines. */
  skipLines(): void {
    for (;;) {
      this.skipBlanks();
      if (this.text.charCodeAt(this.position) !== 0x0a) return;
      this.position++;
    }
  }

  atLineEnd(): boolean {
    this.skipBlanks();
    return this.position >= this.text.length || this.text.charCodeAt(this.position) === 0x0a;
  }

  atEnd(): boolean {
    this.skipLines();
    return this.position >= this.text.length;
  }

  expectLineEnd(): void {
    if (!this.atLineEnd()) this.fail(`expected end of line, found ${this.found()}`);
    this.skipLines();
  }

  /** Takes `token` if it comes next. */
  take(token: string): boolean {
    this.skipBlanks();
    if (!this.text.startsWith(token, this.position)) return false;
    this.position += token.length;
    return true;
  }

  /** True if `token` comes next; takes nothing. */
  looksAt(token: string): boolean {
    this.skipBlanks();
    return this.text.startsWith(token, this.position);
  }

  expect(token: string): void {
    if (!this.take(token)) this.fail(`expected '${token}', found ${this.found()}`);
  }

  maybeWord(): string | undefined {
    return this.maybeMatch(wordPattern);
  }

  /** A word; `what` names what was expected, for the error. */
  word(what: string): string {
    return this.maybeWord() ?? this.fail(`expected ${what}, found ${this.found()}`);
  }

  /** A decimal or `0x` integer with an optional minus sign. */
  maybeInteger(): bigint | undefined {
    const digits = this.maybeMatch(integerPattern);
    if (digits === undefined) return undefined;
    return digits.startsWith('-') ? -BigInt(digits.slice(1)) : BigInt(digits);
  }

  /** An integer in `[min, max]`. */
  integer(what: string, min: bigint, max: bigint): bigint {
    this.skipBlanks();
    const start = this.position;
    const value = this.maybeInteger() ?? this.fail(`expected ${what}, found ${this.found()}`);
    if (value < min || value > max) this.fail(`${what} ${value} out of range`, start);
    return value;
  }

  /** The number of an entity such as `v3` or `block2`, if one with this prefix comes next. */
  maybeEntity(prefix: string): number | undefined {
    this.skipBlanks();
    const start = this.position;
    const word = this.maybeWord();
    if (word !== undefined && word.startsWith(prefix)) {
      const digits = word.slice(prefix.length);
      if (/^(?:0|[1-9][0-9]{0,8})$/.test(digits)) return Number(digits);
    }
    this.position = start;
    return undefined;
  }

  /** The number of an entity with this prefix, below `limit`. */
  entity(prefix: string, limit: number): number {
    this.skipBlanks();
    const start = this.position;
    const number = this.maybeEntity(prefix) ?? this.fail(`expected ${prefix}N, found ${this.found()}`);
    if (number >= limit) this.fail(`${prefix}${number} is too large a number for this text`, start);
    return number;
  }

  /** The next token in quotes, for an error. */
  found(): string {
    if (this.atLineEnd()) return this.position >= this.text.length ? 'end of text' : 'end of line';
    const start = this.position;
    const token = this.maybeWord() ?? this.maybeMatch(integerPattern) ?? this.text.charAt(this.position);
    this.position = start;
    return `'${token}'`;
  }

  private maybeMatch(pattern: RegExp): string | undefined {
    this.skipBlanks();
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.text);
    if (match === null) return undefined;
    this.position += match[0].length;
    return match[0];
  }
}
