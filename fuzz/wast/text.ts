// The text format of modules, read and printed by wasm-tools as `@bytecodealliance/jco-transpile` ships it.
//
// Facts the rest relies on: parsing does not validate (ill-typed modules encode); the lexer refuses bidirectional control characters unless they are
// escaped, and characters outside ASCII in strings are escaped first, which changes no meaning; its errors arrive as a Rust debug text in `payload`.
// The parser is a development dependency and takes 0.2 s to start, so it is loaded at the first text that is really parsed.

/** Why a text is no module, in the parser's words; `offset` where it says one. */
export interface TextFault {
  readonly kind: 'malformed';
  readonly message: string;
}

export type TextResult = { readonly kind: 'bytes'; readonly bytes: Uint8Array } | TextFault;

const nonAscii = /[\u0080-\u{10ffff}]/u;

/** Escapes characters outside ASCII inside string literals; comments and everything else stay. */
export function escapeStrings(text: string): string {
  if (!nonAscii.test(text)) return text;
  return text.replaceAll(/;;[^\n]*|\(;[\s\S]*?;\)|"(?:[^"\\]|\\.)*"/gu, (piece) =>
    piece.startsWith('"') ? piece.replaceAll(/[\u0080-\u{10ffff}]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`) : piece,
  );
}

// The debug text holds, besides much else, `kind: Custom("…")` or `kind: Lex(Unexpected('x'))`, and `line: 0, col: 0` counted from 0.
function messageOf(error: unknown): string {
  const payload = error instanceof Error && 'payload' in error && typeof error.payload === 'string' ? error.payload : String(error);
  const what = /kind: Custom\("((?:[^"\\]|\\.)*)"\)/.exec(payload)?.[1] ?? /kind: (.{1,200}?) \}/.exec(payload)?.[1] ?? payload.slice(0, 200);
  const place = /line: (\d+), col: (\d+)/.exec(payload);
  return place === null ? what : `${what} (line ${Number(place[1]) + 1}, column ${Number(place[2]) + 1})`;
}

function isTrapOfParser(error: unknown): boolean {
  return !(error instanceof Error && 'payload' in error);
}

/** Parses a module's text into its binary. A text that the parser refuses is a value; a crash of the parser is thrown. */
export async function parseText(text: string): Promise<TextResult> {
  const { parse } = await import('@bytecodealliance/jco-transpile/wasm-tools');
  try {
    return { kind: 'bytes', bytes: await parse(escapeStrings(text)) };
  } catch (error) {
    if (isTrapOfParser(error)) throw error;
    return { kind: 'malformed', message: messageOf(error) };
  }
}

/** Prints a module's binary as text; undefined where wasm-tools cannot read it. */
export async function maybePrintText(bytes: Uint8Array): Promise<string | undefined> {
  const { print } = await import('@bytecodealliance/jco-transpile/wasm-tools');
  try {
    return await print(bytes);
  } catch (error) {
    if (isTrapOfParser(error)) throw error;
    return undefined;
  }
}
