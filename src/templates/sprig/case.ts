import { isLetter, isNumber, isPunctuation, isSpace, isUpper, mapCharacters, toLower, toUpper } from "./characters.ts";

type WordKind = "connector" | "punctuation" | "upper" | "alphabet" | "number" | "other" | "end";

interface Word {
  readonly kind: WordKind;
  readonly text: string;
}

/** Letters that do not form words by themselves. */
const CJK = /[\u3400-\u4d85\u4e00-\u9fcc\u{20000}-\u{2b81d}]/u;

const isConnector = (character: string): boolean => character === "-" || character === "_" || isSpace(character);

export function toSnakeCase(text: string): string {
  return joinWords(text, "_");
}

export function toKebabCase(text: string): string {
  return joinWords(text, "-");
}

/** `http_server` becomes `HttpServer`; connectors at the start and doubled ones stay, and a text of connectors only gets one more. */
export function toPascalCase(text: string): string {
  const characters = Array.from(text);
  const start = characters.findIndex((character) => !isConnector(character));
  if (start < 0) return text + (characters.at(-1) ?? "");
  let output = characters.slice(0, start).join("");
  let current = characters[start] ?? "";
  let isLowering = isUpper(current);
  current = toUpper(current);
  for (const next of characters.slice(start + 1)) {
    const previous = current;
    current = next;
    if (isConnector(current) && isConnector(previous)) {
      output += previous;
      continue;
    }
    if (isConnector(previous)) {
      isLowering = isUpper(current);
      current = toUpper(current);
      continue;
    }
    if (isLowering && isUpper(current)) current = toLower(current);
    else isLowering = false;
    output += previous;
  }
  return output + current;
}

/** Splits off runs of one kind; `HTTPStatus` is `HTTP` and `Status`. */
function splitWords(text: string): Word[] {
  const characters = Array.from(text);
  const words: Word[] = [];
  for (let at = 0; at < characters.length;) {
    const kind = kindOfCharacter(characters[at] ?? "");
    const end = endOfWord(characters, at, kind);
    words.push({ kind, text: characters.slice(at, end).join("") });
    at = end;
  }
  return words;
}

function kindOfCharacter(character: string): WordKind {
  if (isConnector(character)) return "connector";
  if (isPunctuation(character)) return "punctuation";
  if (isUpper(character)) return "upper";
  if (isLetter(character) && !CJK.test(character)) return "alphabet";
  return isNumber(character) ? "number" : "other";
}

function endOfWord(characters: readonly string[], start: number, kind: WordKind): number {
  const kindAt = (at: number): WordKind => kindOfCharacter(characters[at] ?? "");
  const run = (from: number, wanted: WordKind): number =>
    runOf(characters, from, (character) => kindOfCharacter(character) === wanted);
  if (kind === "punctuation") return runOf(characters, start + 1, isPunctuation);
  if (kind !== "upper") return run(start + 1, kind);
  const end = run(start + 1, "upper");
  if (end === start + 1) return run(end, "alphabet");
  return end < characters.length && kindAt(end) === "alphabet" ? end - 1 : end;
}

function runOf(characters: readonly string[], from: number, belongs: (character: string) => boolean): number {
  let at = from;
  while (at < characters.length && belongs(characters[at] ?? "")) at++;
  return at;
}

function joinWords(text: string, connector: string): string {
  return new CaseJoiner(splitWords(text), connector).join();
}

/** Decides where connectors go: `http2xx` becomes `http_2xx`, `Bld4Floor3rd` becomes `bld4_floor_3rd`. */
class CaseJoiner {
  readonly #words: readonly Word[];
  readonly #connector: string;
  #at = 0;
  #output = "";

  constructor(words: readonly Word[], connector: string) {
    this.#words = words;
    this.#connector = connector;
  }

  join(): string {
    let word = this.#take();
    while (this.#at < this.#words.length) {
      if (word.kind !== "connector") this.#write(word);
      const previous = word;
      word = this.#follow(previous, this.#take());
    }
    this.#write(word);
    return this.#output;
  }

  /** Writes what belongs between the previous word and the next one to be written, and returns that one. */
  #follow(previous: Word, word: Word): Word {
    switch (previous.kind) {
      case "number": {
        const next = this.#writeMixed(word);
        this.#separate(next, next.kind !== "end");
        return next;
      }
      case "connector":
        this.#write(previous);
        return word;
      case "punctuation":
        return word;
      case "upper":
      case "alphabet":
      case "other":
      case "end":
      default:
        if (word.kind === "number") return this.#number(word);
        this.#separate(word, true);
        return word;
    }
  }

  #number(number: Word): Word {
    if (this.#at >= this.#words.length) return number;
    const next = this.#take();
    if (next.kind !== "alphabet") {
      this.#write(number);
      this.#separate(next, true);
      return next;
    }
    this.#output += this.#connector;
    this.#write(number);
    const rest = this.#writeMixed(next);
    this.#separate(rest, rest.kind !== "end");
    return rest;
  }

  /** Writes letters and digits up to the first word of another kind. */
  #writeMixed(first: Word): Word {
    let word = first;
    while (word.kind === "alphabet" || word.kind === "number") {
      this.#write(word);
      word = this.#take();
    }
    return word;
  }

  #separate({ kind }: Word, isWanted: boolean): void {
    if (isWanted && kind !== "connector" && kind !== "punctuation") this.#output += this.#connector;
  }

  #take(): Word {
    return this.#words[this.#at++] ?? { kind: "end", text: "" };
  }

  #write({ kind, text }: Word): void {
    if (kind !== "upper" && kind !== "connector") this.#output += text;
    else
      this.#output += mapCharacters(text, (character) =>
        isConnector(character) ? this.#connector : toLower(character),
      );
  }
}
