// Logs: pino on standard error. A terminal gets one readable line per entry, anything else gets pino's JSON lines, for machines to read.
// ASSAY_LOG sets the level (trace, debug, info, warn, error, fatal, silent); without it: info.

import { writeSync } from 'node:fs';
import { pino, type Logger } from 'pino';

const names: Readonly<Record<number, string>> = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };
const ownFields = new Set(['level', 'time', 'msg', 'room']);

/** One of pino's JSON lines as a person reads it: level where it matters, room, message, then the remaining fields. */
export function readable(line: string): string {
  const entry: unknown = JSON.parse(line);
  if (typeof entry !== 'object' || entry === null) return line;
  const fields = new Map<string, unknown>(Object.entries(entry));
  const level = names[Number(fields.get('level'))] ?? 'info';
  const head = [level === 'info' ? '' : `${level}: `, fields.has('room') ? `${String(fields.get('room'))}: ` : '', String(fields.get('msg') ?? '')].join('');
  const rest = [...fields].filter(([key]) => !ownFields.has(key)).map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return `${[head, ...rest].filter((part) => part !== '').join(' ')}\n`;
}

const terminal = {
  write(line: string): void {
    writeSync(2, readable(line));
  },
};

/** A logger for one room of the house; each entry carries the room's name. */
export function newLog(room: string): Logger {
  const options = { level: process.env['ASSAY_LOG'] ?? 'info', base: { room } };
  return process.stderr.isTTY ? pino(options, terminal) : pino(options, pino.destination({ dest: 2, sync: true }));
}
