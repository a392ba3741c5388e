// A predicate of this process as a command: a script of four lines that puts its question into a named pipe and reads the answer from another.
// So a reducer that wants a command pays for a shell at each step, and not for a laboratory.
//
// Both pipes are held open here at both ends, so that nobody is blocked when the other side dies. A question is the asker's number and a path, an answer that number
// and an exit code: who was ended while waiting leaves an answer behind, and the next asker must not take it for its own.

import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Judge } from './judge.ts';

export interface PredicateDesk {
  /** Takes the path of a module as its last argument, exits with 0 if that is interesting. Asks one question at a time. */
  readonly command: string;
  /** A folder for whoever asks. */
  readonly folder: string;
  /** Questions answered so far. */
  asked(): number;
  close(): void;
}

/** Opens a desk; `onFailure` hears of an error of the judge, which the asker takes for a no. */
export function openDesk(judge: Judge, onFailure: (error: unknown) => void): PredicateDesk {
  const folder = mkdtempSync(join(tmpdir(), 'assay-desk-'));
  const path = (name: string): string => join(folder, name);
  execFileSync('mkfifo', [path('question'), path('answer')]);
  writeFileSync(path('ask.sh'), `echo "$$ $1" > ${path('question')}\nwhile read asker code; do [ "$asker" = $$ ] && exit $code; done < ${path('answer')}\nexit 1\n`);
  const openBoth = (name: string): number => openSync(path(name), constants.O_RDWR | constants.O_NONBLOCK);
  const answers = openBoth('answer');
  const questions = new Socket({ fd: openBoth('question'), readable: true, writable: false });
  let asked = 0;
  let text = '';
  let isOpen = true;
  const isInteresting = async (file: string): Promise<boolean> => {
    try {
      return await judge.judge(new Uint8Array(readFileSync(file)));
    } catch (error) {
      if (isOpen) onFailure(error);
      return false;
    }
  };
  questions.setEncoding('utf8').on('data', (part: string) => {
    const lines = `${text}${part}`.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const space = line.indexOf(' ');
      void isInteresting(line.slice(space + 1)).then((verdict) => {
        if (!isOpen) return;
        asked++;
        writeSync(answers, `${line.slice(0, space)} ${verdict ? 0 : 1}\n`);
      });
    }
  });
  return {
    command: `sh ${path('ask.sh')}`,
    folder,
    asked: () => asked,
    close: () => {
      isOpen = false;
      questions.destroy();
      closeSync(answers);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
