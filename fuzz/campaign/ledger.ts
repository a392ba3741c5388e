// What a campaign knows of itself, in one SQLite file: its plan, its sessions, how far each lane has come, counts, findings, corpus entries, deaths, history.
//
// Only the supervisor writes, and what it writes names only files that are on disk already; so whatever is killed, and when, the ledger never promises what
// is not there, and what it does not know yet is found by looking (recover.ts). Write-ahead logging: readers never wait, a killed writer loses at most the
// transaction it was in. How far a lane has come and what it had counted by then are written together, so nothing is counted twice.
// That nobody else is writing is known by a lock which the system drops with its holder.

import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from 'node:sqlite';
import type { CampaignPlan } from './plan.ts';
import { addTally, emptyTally, type Tally } from './tally.ts';

const schemaVersion = '1';

const schema = `
create table if not exists campaign (name text primary key, value text not null);
create table if not exists sessions (id integer primary key, started real not null, ended real, seconds real not null default 0, how text, build text not null, slots text not null, workers integer not null);
create table if not exists lanes (lane integer primary key, next integer not null);
create table if not exists tallies (session integer not null, lane integer not null, tally text not null, primary key (session, lane));
create table if not exists findings (signature text primary key, path text not null, session integer not null, first real not null, last real not null, met integer not null);
create table if not exists entries (name text primary key, target text not null, module text not null, bytes integer not null, session integer not null, found real not null, build text not null);
create table if not exists features (name text primary key, entry text not null, session integer not null, found real not null);
create table if not exists deaths (id integer primary key, session integer not null, at real not null, lane integer not null, how text not null, engine text not null, target text not null, number integer, suspect text, verdict text not null);
create table if not exists history (seconds real not null, at real not null, modules integer not null, executions integer not null, rules integer not null, features integer not null, entries integer not null, findings integer not null);
`;

export interface Session {
  readonly id: number;
  /** Milliseconds since the epoch, as all times here. */
  readonly started: number;
  readonly ended: number | undefined;
  readonly seconds: number;
  /** How it ended; undefined while it runs, and for ever if it was killed. */
  readonly how: string | undefined;
  readonly build: string;
  readonly slots: string;
  readonly workers: number;
}

export interface EntryRow {
  /** SHA-1 of the file's content, and its name. */
  readonly name: string;
  readonly target: string;
  /** SHA-1 of the module without its envelope. */
  readonly module: string;
  readonly bytes: number;
  readonly novelties: readonly string[];
}

export interface FindingRow {
  readonly signature: string;
  readonly path: string;
  readonly first: number;
  readonly last: number;
  readonly met: number;
}

export interface DeathRow {
  readonly at: number;
  readonly lane: number;
  readonly how: string;
  readonly engine: string;
  readonly target: string;
  readonly number: number | undefined;
  /** Where the module in flight is kept. */
  readonly suspect: string | undefined;
  /** `finding`: it is one; `tried again`: the case went to another worker, and was to be a finding if it kept killing them. */
  readonly verdict: 'finding' | 'tried again';
}

export interface HistoryRow {
  readonly seconds: number;
  readonly at: number;
  readonly modules: number;
  readonly executions: number;
  readonly rules: number;
  readonly features: number;
  readonly entries: number;
  readonly findings: number;
}

/** The folder holds no campaign, or somebody else is running it; the message says which. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError';
}

type Row = Record<string, SQLOutputValue>;
const numberOf = (row: Row | undefined, column: string): number => Number(row?.[column] ?? 0);
const textOf = (row: Row | undefined, column: string): string => String(row?.[column] ?? '');
const maybeNumberOf = (row: Row, column: string): number | undefined => (row[column] === null || row[column] === undefined ? undefined : Number(row[column]));
const maybeTextOf = (row: Row, column: string): string | undefined => (typeof row[column] === 'string' ? row[column] : undefined);

export const ledgerFile = (folder: string): string => join(folder, 'ledger.sqlite');

/** Takes the lock of a campaign's folder; undefined when somebody holds it. Closing it, or dying, gives it back. */
export function maybeLock(folder: string): DatabaseSync | undefined {
  const lock = new DatabaseSync(join(folder, '.lock'));
  try {
    lock.exec('pragma busy_timeout = 0; begin exclusive');
    return lock;
  } catch {
    lock.close();
    return undefined;
  }
}

export class Ledger {
  private readonly db: DatabaseSync;
  private readonly lock: DatabaseSync | undefined;

  private constructor(db: DatabaseSync, lock: DatabaseSync | undefined) {
    this.db = db;
    this.lock = lock;
  }

  static exists(folder: string): boolean {
    return existsSync(ledgerFile(folder));
  }

  /** To write; makes the folder if need be. Throws `LedgerError` when another process is writing. */
  static open(folder: string): Ledger {
    mkdirSync(folder, { recursive: true });
    const lock = maybeLock(folder);
    if (lock === undefined) throw new LedgerError(`${folder}: another process is running this campaign`);
    const db = new DatabaseSync(ledgerFile(folder));
    // The timeout first: whoever looks at the very moment, or still recovers what a killed writer left, is waited for.
    db.exec('pragma busy_timeout = 5000');
    db.exec(`pragma journal_mode = wal; pragma synchronous = normal; begin immediate; ${schema} commit`);
    const ledger = new Ledger(db, lock);
    const version = ledger.maybeFact('schema');
    if (version === undefined) ledger.setFact('schema', schemaVersion);
    else if (version !== schemaVersion) throw new LedgerError(`${folder}: a ledger of version ${version}; this is for version ${schemaVersion}`);
    return ledger;
  }

  /** To look, also while the campaign runs. */
  static read(folder: string): Ledger {
    if (!Ledger.exists(folder)) throw new LedgerError(`${folder}: holds no campaign (ledger.sqlite)`);
    const db = new DatabaseSync(ledgerFile(folder), { readOnly: true });
    db.exec('pragma busy_timeout = 5000');
    return new Ledger(db, undefined);
  }

  close(): void {
    this.db.close();
    this.lock?.close();
  }

  private all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.db.prepare(sql).all(...values);
  }

  private one(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.db.prepare(sql).get(...values);
  }

  private run(sql: string, ...values: SQLInputValue[]): void {
    this.db.prepare(sql).run(...values);
  }

  /** All that `write` does becomes visible at once, or not at all. */
  transaction(write: () => void): void {
    this.db.exec('begin immediate');
    try {
      write();
      this.db.exec('commit');
    } catch (error) {
      this.db.exec('rollback');
      throw error;
    }
  }

  private maybeFact(name: string): string | undefined {
    const row = this.one('select value from campaign where name = ?', name);
    return row === undefined ? undefined : textOf(row, 'value');
  }

  private setFact(name: string, value: string): void {
    this.run('insert into campaign values (?, ?) on conflict do update set value = excluded.value', name, value);
  }

  /** The plan of the latest session; undefined before the first. */
  maybePlan(): CampaignPlan | undefined {
    const plan = this.maybeFact('plan');
    return plan === undefined ? undefined : (JSON.parse(plan) as CampaignPlan);
  }

  /** Seconds that the campaign is to run in all its sessions, as the latest was told. */
  budget(): number {
    return Number(this.maybeFact('budget') ?? 0);
  }

  beginSession(plan: CampaignPlan, build: string, slots: string): number {
    this.transaction(() => {
      this.setFact('plan', JSON.stringify(plan));
      this.setFact('budget', String(this.secondsRun() + plan.seconds));
      this.run('insert into sessions (started, build, slots, workers) values (?, ?, ?, ?)', Date.now(), build, slots, plan.workers);
    });
    return numberOf(this.one('select max(id) as id from sessions'), 'id');
  }

  endSession(session: number, seconds: number, how: string): void {
    this.run('update sessions set ended = ?, seconds = ?, how = ? where id = ?', Date.now(), seconds, how, session);
  }

  sessions(): Session[] {
    return this.all('select * from sessions order by id').map((row) => ({
      id: numberOf(row, 'id'), started: numberOf(row, 'started'), ended: maybeNumberOf(row, 'ended'), seconds: numberOf(row, 'seconds'), how: maybeTextOf(row, 'how'),
      build: textOf(row, 'build'), slots: textOf(row, 'slots'), workers: numberOf(row, 'workers'),
    }));
  }

  /** Seconds that all sessions ran. */
  secondsRun(): number {
    return numberOf(this.one('select sum(seconds) as seconds from sessions'), 'seconds');
  }

  /** Where lanes go on, by lane. */
  lanes(): Map<number, number> {
    return new Map(this.all('select * from lanes').map((row) => [numberOf(row, 'lane'), numberOf(row, 'next')]));
  }

  /** Forgets the lanes, for a session with another number of them. */
  resetLanes(next: readonly number[]): void {
    this.transaction(() => {
      this.run('delete from lanes');
      next.forEach((number, lane) => this.run('insert into lanes values (?, ?)', lane, number));
    });
  }

  /** How far lanes have come and what they had counted by then; `seconds` the session has run. */
  progress(session: number, seconds: number, lanes: readonly { readonly lane: number; readonly next: number; readonly tally: Tally }[]): void {
    this.transaction(() => {
      this.run('update sessions set seconds = ? where id = ?', seconds, session);
      for (const { lane, next, tally } of lanes) {
        this.run('insert into lanes values (?, ?) on conflict do update set next = excluded.next', lane, next);
        this.run('insert into tallies values (?, ?, ?) on conflict do update set tally = excluded.tally', session, lane, JSON.stringify(tally));
      }
    });
  }

  /** The sum of what was counted; of one session, or of all up to but not including one. */
  tally(before = Infinity): Tally {
    const sum = emptyTally();
    for (const row of this.all('select tally from tallies where session < ?', Math.min(before, Number.MAX_SAFE_INTEGER))) addTally(sum, { ...emptyTally(), ...(JSON.parse(textOf(row, 'tally')) as Tally) });
    return sum;
  }

  /** Notes a finding that is on disk. */
  finding(session: number, signature: string, path: string): void {
    const now = Date.now();
    this.run('insert into findings values (?, ?, ?, ?, ?, 1) on conflict do update set last = excluded.last, met = met + 1', signature, path, session, now, now);
  }

  findings(): FindingRow[] {
    return this.all('select * from findings order by first, signature').map((row) => ({ signature: textOf(row, 'signature'), path: textOf(row, 'path'), first: numberOf(row, 'first'), last: numberOf(row, 'last'), met: numberOf(row, 'met') }));
  }

  /** Notes a corpus entry that is on disk, and the features it was the first to show. */
  entry(session: number, build: string, { name, target, module, bytes, novelties }: EntryRow): void {
    const now = Date.now();
    this.transaction(() => {
      this.run('insert or ignore into entries values (?, ?, ?, ?, ?, ?, ?)', name, target, module, bytes, session, now, build);
      const insert = this.db.prepare('insert or ignore into features values (?, ?, ?, ?)');
      for (const novelty of novelties) insert.run(novelty, name, session, now);
    });
  }

  /** Entries known before a session began, by name. */
  entries(before = Infinity): EntryRow[] {
    return this.all('select name, target, module, bytes from entries where session < ? order by name', Math.min(before, Number.MAX_SAFE_INTEGER))
      .map((row) => ({ name: textOf(row, 'name'), target: textOf(row, 'target'), module: textOf(row, 'module'), bytes: numberOf(row, 'bytes'), novelties: [] }));
  }

  /** Names of entries that have not been run with this build. */
  unchecked(build: string): string[] {
    return this.all('select name from entries where build <> ? order by name', build).map((row) => textOf(row, 'name'));
  }

  checked(name: string, build: string): void {
    this.run('update entries set build = ? where name = ?', build, name);
  }

  /** Removes entries; what they showed stays known. */
  forget(names: readonly string[]): void {
    this.transaction(() => {
      for (const name of names) this.run('delete from entries where name = ?', name);
    });
  }

  features(): string[] {
    return this.all('select name from features order by name').map((row) => textOf(row, 'name'));
  }

  counts(): { readonly entries: number; readonly bytes: number; readonly features: number; readonly findings: number; readonly lastEntry: number | undefined; readonly lastFinding: number | undefined } {
    const entries = this.one('select count(*) as number, sum(bytes) as bytes, max(found) as last from entries') ?? {};
    const findings = this.one('select count(*) as number, max(first) as last from findings') ?? {};
    return {
      entries: numberOf(entries, 'number'), bytes: numberOf(entries, 'bytes'), features: numberOf(this.one('select count(*) as number from features'), 'number'),
      findings: numberOf(findings, 'number'), lastEntry: maybeNumberOf(entries, 'last'), lastFinding: maybeNumberOf(findings, 'last'),
    };
  }

  death(session: number, { at, lane, how, engine, target, number, suspect, verdict }: DeathRow): void {
    this.run('insert into deaths (session, at, lane, how, engine, target, number, suspect, verdict) values (?, ?, ?, ?, ?, ?, ?, ?, ?)', session, at, lane, how, engine, target, number ?? null, suspect ?? null, verdict);
  }

  /** Makes the last death over a case a finding. */
  condemn(suspect: string): void {
    this.run("update deaths set verdict = 'finding' where id = (select max(id) from deaths where suspect = ?)", suspect);
  }

  /** All deaths, or those in sessions of one build. */
  deaths(build?: string): DeathRow[] {
    return this.all('select * from deaths where ? is null or session in (select id from sessions where build = ?) order by id', build ?? null, build ?? null).map((row) => ({
      at: numberOf(row, 'at'), lane: numberOf(row, 'lane'), how: textOf(row, 'how'), engine: textOf(row, 'engine'), target: textOf(row, 'target'), number: maybeNumberOf(row, 'number'),
      suspect: maybeTextOf(row, 'suspect'), verdict: row['verdict'] === 'finding' ? 'finding' : 'tried again',
    }));
  }

  remember({ seconds, at, modules, executions, rules, features, entries, findings }: HistoryRow): void {
    this.run('insert into history values (?, ?, ?, ?, ?, ?, ?, ?)', seconds, at, modules, executions, rules, features, entries, findings);
  }

  history(): HistoryRow[] {
    return this.all('select * from history order by at').map((row) => ({
      seconds: numberOf(row, 'seconds'), at: numberOf(row, 'at'), modules: numberOf(row, 'modules'), executions: numberOf(row, 'executions'), rules: numberOf(row, 'rules'),
      features: numberOf(row, 'features'), entries: numberOf(row, 'entries'), findings: numberOf(row, 'findings'),
    }));
  }
}
