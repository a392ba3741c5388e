// The one search behind every reduction. Passes only propose changes; what is tried, in which order, and what is kept is decided here.
//
// A pass is run by delta debugging over its proposals: all at once, then halves, quarters, down to single ones, largest first. What was accepted stays, and
// everything is described against the same start, so any subset is one candidate. A candidate counts only if it costs less than the best so far; it is
// checked for validity before the predicate sees it, and none is judged twice, by its key. Passes are repeated until a whole round changes nothing.
// Invariant: `best` has been judged interesting, and its cost only falls; so every search ends.
//
// The predicate is asynchronous, and up to `width` candidates are judged at a time: those of one window are independent guesses, of which the first that is
// interesting, in order, is taken. So the result depends on the width only where two guesses were both right.

export interface Candidate {
  /** What is smaller counts as simpler. */
  readonly cost: number;
  /** Equal for candidates that are the same thing. */
  readonly key: string;
}

export interface Pass<T, C> {
  readonly name: string;
  /** Changes worth trying, the largest first. */
  readonly propose: (from: T) => readonly C[];
}

/** What is reduced: how changes apply to it, and which passes know some. */
export interface Subject<T extends Candidate, C> {
  readonly passes: readonly Pass<T, C>[];
  /** The candidate with these changes; undefined when they lead to nothing valid. */
  readonly apply: (from: T, changes: readonly C[]) => T | undefined;
}

export interface SearchProgress<T> {
  readonly best: T;
  readonly pass: string;
  readonly tries: number;
  readonly round: number;
}

export interface SearchOptions<T> {
  /** Asked before each window: true ends the search. */
  readonly isLate: () => boolean;
  /** Candidates judged at a time. */
  readonly width?: number;
  readonly onProgress?: (progress: SearchProgress<T>) => void;
}

export interface SearchResult<T> {
  readonly best: T;
  /** Candidates that the predicate judged. */
  readonly tries: number;
  /** Candidates that were invalid or no simpler, and cost no judgement. */
  readonly discarded: number;
  /** Whether no pass knows anything more; false when time ran out. */
  readonly isFinished: boolean;
  /** How often a change of each pass was taken. */
  readonly accepted: Readonly<Record<string, number>>;
}

/** Searches for something simple that is still interesting; `start` must be. */
export async function search<T extends Candidate, C>(subject: Subject<T, C>, start: T, isInteresting: (candidate: T) => Promise<boolean>, options: SearchOptions<T>): Promise<SearchResult<T>> {
  const { isLate, width = 1, onProgress } = options;
  const judged = new Set<string>([start.key]);
  const accepted: Record<string, number> = {};
  let best = start;
  let tries = 0;
  let discarded = 0;

  /** Candidates for the chunks of one window, judged together; the place of the first that is interesting. */
  const firstInteresting = async (candidates: readonly T[]): Promise<number> => {
    tries += candidates.length;
    const verdicts = await Promise.all(candidates.map(isInteresting));
    return verdicts.indexOf(true);
  };

  const runPass = async ({ name, propose }: Pass<T, C>, round: number): Promise<boolean> => {
    const base = best;
    let open = [...propose(base)];
    const taken: C[] = [];
    let hasChanged = false;
    for (let size = open.length; size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      let at = 0;
      while (at < open.length) {
        if (isLate()) return hasChanged;
        // A window of chunks that lead to something new.
        const window: { readonly from: number; readonly to: number; readonly candidate: T }[] = [];
        let next = at;
        while (next < open.length && window.length < width) {
          const to = Math.min(next + size, open.length);
          const candidate = subject.apply(base, [...taken, ...open.slice(next, to)]);
          if (candidate === undefined || candidate.cost >= best.cost || judged.has(candidate.key)) discarded++;
          else {
            judged.add(candidate.key);
            window.push({ from: next, to, candidate });
          }
          next = to;
          if (window.length === 0 && isLate()) return hasChanged;
        }
        const place = window.length === 0 ? -1 : await firstInteresting(window.map(({ candidate }) => candidate));
        const found = window[place];
        if (found === undefined) {
          at = next;
          continue;
        }
        best = found.candidate;
        hasChanged = true;
        accepted[name] = (accepted[name] ?? 0) + 1;
        taken.push(...open.slice(found.from, found.to));
        open = [...open.slice(0, found.from), ...open.slice(found.to)];
        // Guesses behind the one taken were made without it: they may be made again.
        for (const { candidate } of window.slice(place + 1)) judged.delete(candidate.key);
        at = found.from;
        onProgress?.({ best, pass: name, tries, round });
      }
    }
    return hasChanged;
  };

  for (let round = 1; ; round++) {
    let hasChanged = false;
    for (const pass of subject.passes) {
      if (isLate()) return { best, tries, discarded, isFinished: false, accepted };
      hasChanged = (await runPass(pass, round)) || hasChanged;
    }
    if (!hasChanged) return { best, tries, discarded, isFinished: !isLate(), accepted };
  }
}
