// A cursor over the text of a script: atoms, strings, brackets, and whole forms that are stepped over unread.
//
// Only the script level is read here (commands, literals, names). The text of a module is never understood, only delimited, so that
// its reading stays with a parser nobody here wrote. Delimiting needs no more than balanced brackets outside strings and comments,
// which holds for every version of the text format, annotations included.
// Positions are UTF-16 offsets into the text; lines count from 1.

const newline = 10;
const quote = 34;
const open = 40;
const close = 41;
const semicolon = 59;
const backslash = 92;

/** The text is not a script: what was wrong, and on which line. */
export class ScriptError extends Error {
  readonly line: number;
  constructor(what: string, line: number) {
    super(`line ${line}: ${what}`);
    this.name = 'ScriptError';
    this.line = line;
  }
}

const utf8 = new TextEncoder();

export class Scanner {
  readonly text: string;
  at = 0;
  // Lines are counted forward from the last position asked for; positions are asked for in rising order.
  private lineAt = 0;
  private lineNumber = 1;

  constructor(text: string) {
    this.text = text;
  }

  /** Line of a position that is not before the last one asked for. */
  lineOf(position: number): number {
    if (position < this.lineAt) {
      this.lineAt = 0;
      this.lineNumber = 1;
    }
    for (;;) {
      const next = this.text.indexOf('\n', this.lineAt);
      if (next < 0 || next >= position) return this.lineNumber;
      this.lineAt = next + 1;
      this.lineNumber++;
    }
  }

  fail(what: string): never {
    throw new ScriptError(what, this.lineOf(this.at));
  }

  /** Steps over white space and comments; annotations at this level are stepped over too. */
  skipSpace(): void {
    const { text } = this;
    for (;;) {
      const code = text.charCodeAt(this.at);
      if (code === 32 || code === newline || code === 9 || code === 13) this.at++;
      else if (code === semicolon && text.charCodeAt(this.at + 1) === semicolon) this.skipLine();
      else if (code === open && text.charCodeAt(this.at + 1) === semicolon) this.skipBlockComment();
      else if (code === open && text.charCodeAt(this.at + 1) === 64) this.skipForm();
      else return;
    }
  }

  private skipLine(): void {
    while (this.at < this.text.length && this.text.charCodeAt(this.at) !== newline && this.text.charCodeAt(this.at) !== 13) this.at++;
  }

  private skipBlockComment(): void {
    const { text } = this;
    let depth = 0;
    do {
      if (this.at >= text.length) this.fail('unclosed comment');
      const code = text.charCodeAt(this.at);
      const next = text.charCodeAt(this.at + 1);
      if (code === open && next === semicolon) {
        depth++;
        this.at += 2;
      } else if (code === semicolon && next === close) {
        depth--;
        this.at += 2;
      } else this.at++;
    } while (depth > 0);
  }

  private skipString(): void {
    const { text } = this;
    this.at++;
    for (;;) {
      if (this.at >= text.length) this.fail('unclosed string');
      const code = text.charCodeAt(this.at++);
      if (code === quote) return;
      if (code === backslash) this.at++;
    }
  }

  /** Steps over one bracketed form, from its `(`; returns its text. */
  skipForm(): string {
    const { text } = this;
    const start = this.at;
    let depth = 0;
    do {
      if (this.at >= text.length) {
        this.at = start;
        this.fail('unclosed bracket');
      }
      const code = text.charCodeAt(this.at);
      if (code === quote) this.skipString();
      else if (code === semicolon && text.charCodeAt(this.at + 1) === semicolon) this.skipLine();
      else if (code === open) {
        if (text.charCodeAt(this.at + 1) === semicolon) this.skipBlockComment();
        else {
          depth++;
          this.at++;
        }
      } else if (code === close) {
        depth--;
        this.at++;
      } else this.at++;
    } while (depth > 0);
    return text.slice(start, this.at);
  }

  isAtEnd(): boolean {
    this.skipSpace();
    return this.at >= this.text.length;
  }

  isAtOpen(): boolean {
    this.skipSpace();
    return this.text.charCodeAt(this.at) === open;
  }

  isAtClose(): boolean {
    this.skipSpace();
    return this.text.charCodeAt(this.at) === close;
  }

  isAtString(): boolean {
    this.skipSpace();
    return this.text.charCodeAt(this.at) === quote;
  }

  open(): void {
    if (!this.isAtOpen()) this.fail(`expected '(' but found '${this.text.slice(this.at, this.at + 20)}'`);
    this.at++;
  }

  close(): void {
    if (!this.isAtClose()) this.fail(`expected ')' but found '${this.text.slice(this.at, this.at + 20)}'`);
    this.at++;
  }

  /** The keyword after the `(` at the cursor, which stays where it is. */
  peekKeyword(): string {
    const { at } = this;
    this.open();
    const word = this.isAtClose() || this.isAtOpen() ? '' : this.atom();
    this.at = at;
    return word;
  }

  /** A run of characters up to white space, a bracket, a string or a comment. An identifier may be quoted: `$"…"`. */
  atom(): string {
    this.skipSpace();
    const { text } = this;
    const start = this.at;
    for (;;) {
      const code = text.charCodeAt(this.at);
      if (code === quote && this.at > start && text.charCodeAt(this.at - 1) === 36) this.skipString();
      else if (Number.isNaN(code) || code <= 32 || code === quote || code === open || code === close || code === semicolon) break;
      else this.at++;
    }
    if (this.at === start) this.fail('expected a word');
    return text.slice(start, this.at);
  }

  maybeIdentifier(): string | undefined {
    this.skipSpace();
    return this.text.charCodeAt(this.at) === 36 ? this.atom() : undefined;
  }

  /** A string literal as the bytes it denotes. */
  stringBytes(): Uint8Array {
    if (!this.isAtString()) this.fail('expected a string');
    const { text } = this;
    const start = this.at + 1;
    this.skipString();
    const body = text.slice(start, this.at - 1);
    if (!body.includes('\\')) return utf8.encode(body);
    const bytes: number[] = [];
    for (let at = 0; at < body.length; ) {
      if (body.charCodeAt(at) !== backslash) {
        const next = body.indexOf('\\', at);
        const end = next < 0 ? body.length : next;
        for (const byte of utf8.encode(body.slice(at, end))) bytes.push(byte);
        at = end;
        continue;
      }
      const escape = body.charAt(at + 1);
      const simple = { n: 10, t: 9, r: 13, '"': 34, "'": 39, '\\': 92 }[escape];
      if (simple !== undefined) {
        bytes.push(simple);
        at += 2;
      } else if (escape === 'u') {
        const end = body.indexOf('}', at);
        const code = Number.parseInt(body.slice(at + 3, end).replaceAll('_', ''), 16);
        for (const byte of utf8.encode(String.fromCodePoint(code))) bytes.push(byte);
        at = end + 1;
      } else {
        const byte = Number.parseInt(body.slice(at + 1, at + 3), 16);
        if (Number.isNaN(byte)) this.fail(`unknown escape '\\${escape}'`);
        bytes.push(byte);
        at += 3;
      }
    }
    return Uint8Array.from(bytes);
  }

  /** A string literal as a name. */
  string(): string {
    return nameOf(this.stringBytes());
  }
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** A name from its UTF-8 bytes. */
export function nameOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
