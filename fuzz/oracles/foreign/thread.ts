// A foreign interpreter on a thread of its own, asked synchronously: what never comes back costs one verdict, and the thread.
//
// The asking thread posts a message and sleeps on a shared word until the answer has been posted, or until it is late. A late thread is ended, and
// the next question starts another. Both sides speak through one message port.

import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';

export type Answer =
  | { readonly kind: 'answer'; readonly value: unknown }
  /** Not there in time. */
  | { readonly kind: 'late' }
  /** The thread failed in a way that it does not go on after: an abort within the program. */
  | { readonly kind: 'died'; readonly message: string };

/** What a thread is started with. */
export interface ThreadOrder {
  readonly port: MessagePort;
  /** One word, counting the answers. */
  readonly answers: SharedArrayBuffer;
  /** What its file wants to know besides. */
  readonly details: unknown;
}

interface Running {
  readonly worker: Worker;
  readonly port: MessagePort;
  readonly answers: Int32Array;
}

export class ForeignThread {
  private readonly file: URL;
  private readonly details: unknown;
  private readonly firstMilliseconds: number;
  private running: Running | undefined;
  /** Threads that were ended because they were late or failed. */
  lost = 0;

  /** `firstMilliseconds` is granted to a fresh thread on top of a question's own time, for loading. */
  constructor(file: URL, details: unknown, firstMilliseconds: number) {
    this.file = file;
    this.details = details;
    this.firstMilliseconds = firstMilliseconds;
  }

  ask(question: unknown, milliseconds: number): Answer {
    const isFresh = this.running === undefined;
    const running = (this.running ??= this.start());
    const before = Atomics.load(running.answers, 0);
    running.port.postMessage(question);
    Atomics.wait(running.answers, 0, before, milliseconds + (isFresh ? this.firstMilliseconds : 0));
    const received: { readonly message: Answer } | undefined = receiveMessageOnPort(running.port);
    if (received?.message.kind === 'answer') return received.message;
    this.lost++;
    this.end();
    return received?.message ?? { kind: 'late' };
  }

  end(): void {
    void this.running?.worker.terminate();
    this.running?.port.close();
    this.running = undefined;
  }

  private start(): Running {
    const { port1, port2 } = new MessageChannel();
    const answers = new SharedArrayBuffer(4);
    const order: ThreadOrder = { port: port2, answers, details: this.details };
    const worker = new Worker(this.file, { workerData: order, transferList: [port2], execArgv: ['--disable-warning=ExperimentalWarning'] });
    // An idle thread must not keep a campaign alive.
    worker.unref();
    port1.unref();
    return { worker, port: port1, answers: new Int32Array(answers) };
  }
}

/** The thread's side: answers every question, one at a time. What is thrown, even past all promises, is an answer too. */
export function serve(order: ThreadOrder, answer: (question: unknown) => Promise<unknown>): void {
  const answers = new Int32Array(order.answers);
  const reply = (message: Answer): void => {
    order.port.postMessage(message);
    Atomics.add(answers, 0, 1);
    Atomics.notify(answers, 0);
  };
  const fail = (error: unknown): void => reply({ kind: 'died', message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  order.port.on('message', (question: unknown) => {
    void answer(question).then((value) => reply({ kind: 'answer', value }), fail);
  });
}
