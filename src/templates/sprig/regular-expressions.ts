import { FunctionError } from "../error.ts";
import { fixed, functionTable } from "../function.ts";
import type { FunctionTable } from "../function.ts";
import { RegexpError } from "../regexp/pattern-reader.ts";
import { quoteMeta, Regexp } from "../regexp/regexp.ts";
import { TypedList } from "../value/value.ts";
import type { GoCallable, Value } from "../value/value.ts";

const MAX_CACHED = 200;

/** Compiled patterns of one set of functions: templates use the same few again and again. */
class RegexpCache {
  readonly #compiled = new Map<string, Regexp>();

  get(pattern: string): Regexp {
    const known = this.#compiled.get(pattern);
    if (known) return known;
    const compiled = new Regexp(pattern);
    if (this.#compiled.size >= MAX_CACHED) this.#compiled.clear();
    this.#compiled.set(pattern, compiled);
    return compiled;
  }
}

type Operation = (regexp: Regexp, text: string) => Value;

function strings(items: readonly string[] | undefined): TypedList {
  return new TypedList("string", items ?? [], items === undefined);
}

function findAll(regexp: Regexp, text: string, limit: number): TypedList {
  if (limit === 0) return strings(undefined);
  const matches = regexp.findAll(text, limit);
  return strings(matches.length === 0 ? undefined : matches.map((match) => match.groups[0] ?? ""));
}

/** The functions come in pairs: without "must" a wrong pattern panics with a longer message. */
export function regularExpressionFunctions(): FunctionTable {
  const cache = new RegexpCache();
  const strict = (pattern: string, operate: (regexp: Regexp) => Value): Value => operate(cache.get(pattern));
  const panicking: typeof strict = (pattern, operate) => {
    try {
      return strict(pattern, operate);
    } catch (error) {
      throw error instanceof RegexpError ? new FunctionError(error.panicMessage) : error;
    }
  };
  const family = (run: typeof strict): Readonly<Record<string, GoCallable>> => ({
    regexFind: plain(run, (regexp, text) => regexp.find(text)?.groups[0] ?? ""),
    regexFindAll: limited(run, findAll),
    regexSplit: limited(run, (regexp, text, limit) => strings(regexp.split(text, limit))),
    regexReplaceAll: replacing(run, (regexp, text, replacement) =>
      regexp.replaceAll(text, (match) => regexp.expand(replacement, match)),
    ),
    regexReplaceAllLiteral: replacing(run, (regexp, text, replacement) => regexp.replaceAll(text, () => replacement)),
  });
  return functionTable({
    ...family(panicking),
    ...mustNamed(family(strict)),
    regexMatch: plain(orFalse(strict), isMatch),
    mustRegexMatch: plain(strict, isMatch),
    regexQuoteMeta: fixed(["string"], quoteMeta),
  });
}

type Run = (pattern: string, operate: (regexp: Regexp) => Value) => Value;

const isMatch: Operation = (regexp, text) => regexp.find(text) !== undefined;

function orFalse(run: Run): Run {
  return (pattern, operate) => {
    try {
      return run(pattern, operate);
    } catch (error) {
      if (error instanceof RegexpError) return false;
      throw error;
    }
  };
}

function plain(run: Run, operate: Operation): GoCallable {
  return fixed(["string", "string"], (pattern, text) => run(pattern, (regexp) => operate(regexp, text)));
}

function limited(run: Run, operate: (regexp: Regexp, text: string, limit: number) => Value): GoCallable {
  return fixed(["string", "string", "int"], (pattern, text, limit) =>
    run(pattern, (regexp) => operate(regexp, text, limit)),
  );
}

function replacing(run: Run, operate: (regexp: Regexp, text: string, replacement: string) => Value): GoCallable {
  return fixed(["string", "string", "string"], (pattern, text, replacement) =>
    run(pattern, (regexp) => operate(regexp, text, replacement)),
  );
}

function mustNamed(functions: Readonly<Record<string, GoCallable>>): Readonly<Record<string, GoCallable>> {
  return Object.fromEntries(Object.entries(functions).map(([name, callable]) => [`mustR${name.slice(1)}`, callable]));
}
