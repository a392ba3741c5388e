// What makes two findings the same fault: a short name made of what is stable about it.
//
// kind of difference . odd engine . first differing level . fingerprint. Never an address, a value, a line number or a path, which change from run to run
// and from one state of the sources to the next. For crashes the fingerprint is made of the message with its numbers taken out and
// the functions of the top frames that lie in the tested rooms, not in the harness.

/** The stable part of an engine's error: message without numbers and quoted entities, then up to three frames by function name. */
export function normaliseError(error: { readonly message: string; readonly stack?: string | undefined }): string {
  const message = error.message.split('\n', 1)[0] ?? '';
  const plain = message.replaceAll(/0x[0-9a-f]+|\b[a-z]{1,5}\d+\b|-?\d+/gi, 'N').slice(0, 80);
  const frames: string[] = [];
  for (const line of (error.stack ?? '').split('\n')) {
    const match = /^\s*at (?:async )?(?:new )?([\w$.<>]+) \((?:file:\/\/)?.*\/(compiler|interpreter)\//.exec(line);
    if (match?.[1] !== undefined) frames.push(match[1]);
    if (frames.length === 3) break;
  }
  return [plain, ...frames].join(' < ');
}

/** 32 bits of FNV-1a in hexadecimal. */
export function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

export interface SignatureParts {
  /** Kind of difference, `crash` or `hang`. */
  readonly kind: string;
  readonly engine: string | undefined;
  readonly level: string | undefined;
  /** Anything stable that tells faults of one kind apart; empty when nothing does. */
  readonly fingerprint: string;
}

/** A signature: letters, digits, dots and dashes, fit to be the name of a folder. */
export function signatureOf({ kind, engine, level, fingerprint }: SignatureParts): string {
  const words = [kind, engine ?? 'undecided', ...(level === undefined ? [] : [level])].map((word) => word.replaceAll(/[^A-Za-z0-9]+/g, '-'));
  return fingerprint === '' ? words.join('.') : `${words.join('.')}.${digest(fingerprint)}`;
}
