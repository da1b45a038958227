import { findInteger, typeOf } from "./kind.ts";
import { formatValue } from "./format.ts";
import type { Flags } from "./format.ts";
import type { Value } from "./value.ts";

const MAX_WIDTH = 1_000_000;

type MutableFlags = { -readonly [K in keyof Flags]: Flags[K] };

/** Go's `fmt.Sprintf`, with its marks for what does not fit: `%!d(string=x)`, `%!s(MISSING)`, `%!(EXTRA int=1)`. */
export function printf(format: string, values: readonly Value[]): string {
  return new Printf(format, values).run();
}

class Printf {
  readonly #format: string;
  readonly #values: readonly Value[];
  #at = 0;
  #next = 0;
  #output = "";
  #isReordered = false;
  #isGoodIndex = true;
  #isAfterIndex = false;

  constructor(format: string, values: readonly Value[]) {
    this.#format = format;
    this.#values = values;
  }

  run(): string {
    const format = this.#format;
    while (this.#at < format.length) {
      const percent = format.indexOf("%", this.#at);
      this.#output += format.slice(this.#at, percent < 0 ? undefined : percent);
      if (percent < 0) break;
      this.#at = percent + 1;
      if (!this.#directive()) break;
    }
    if (!this.#isReordered && this.#next < this.#values.length) this.#output += this.#extra();
    return this.#output;
  }

  #extra(): string {
    const extra = this.#values.slice(this.#next).map((value) => {
      return value === null || value === undefined ? "<nil>" : `${typeOf(value)}=${formatValue(value, "v", {})}`;
    });
    return `%!(EXTRA ${extra.join(", ")})`;
  }

  /** One directive behind its percent sign; false when the format ends in it. */
  #directive(): boolean {
    this.#isGoodIndex = true;
    this.#isAfterIndex = false;
    const flags = this.#flags();
    this.#index();
    this.#width(flags);
    this.#precision(flags);
    if (!this.#isAfterIndex) this.#index();
    const code = this.#format.codePointAt(this.#at);
    if (code === undefined) {
      this.#output += "%!(NOVERB)";
      return false;
    }
    const verb = String.fromCodePoint(code);
    this.#at += verb.length;
    this.#output += this.#verb(verb, flags);
    return true;
  }

  #verb(verb: string, flags: Flags): string {
    if (verb === "%") return "%";
    if (!this.#isGoodIndex) return `%!${verb}(BADINDEX)`;
    if (this.#next >= this.#values.length) return `%!${verb}(MISSING)`;
    const isGo = verb === "v" && flags.sharp === true;
    const shown = verb === "v" ? { ...flags, sharp: false, plus: false, goSyntax: isGo } : flags;
    return formatValue(this.#values[this.#next++], verb, shown);
  }

  #flags(): MutableFlags {
    const flags: MutableFlags = {};
    for (; ; this.#at++) {
      switch (this.#format[this.#at]) {
        case "#":
          flags.sharp = true;
          break;
        case "0":
          flags.zero = true;
          break;
        case "+":
          flags.plus = true;
          break;
        case "-":
          flags.minus = true;
          break;
        case " ":
          flags.space = true;
          break;
        case undefined:
        default:
          return flags;
      }
    }
  }

  #width(flags: MutableFlags): void {
    if (this.#format[this.#at] === "*") {
      this.#at++;
      const width = this.#integerValue();
      if (width === undefined) this.#output += "%!(BADWIDTH)";
      else if (width < 0) {
        flags.minus = true;
        flags.zero = false;
      }
      flags.width = width === undefined ? undefined : Math.abs(width);
      this.#isAfterIndex = false;
      return;
    }
    flags.width = this.#number();
    if (this.#isAfterIndex && flags.width !== undefined) this.#isGoodIndex = false;
  }

  #precision(flags: MutableFlags): void {
    if (this.#format[this.#at] !== "." || this.#at + 1 >= this.#format.length) return;
    this.#at++;
    if (this.#isAfterIndex) this.#isGoodIndex = false;
    this.#index();
    if (this.#format[this.#at] !== "*") {
      flags.precision = this.#number() ?? 0;
      return;
    }
    this.#at++;
    const precision = this.#integerValue();
    flags.precision = precision !== undefined && precision >= 0 ? precision : undefined;
    if (flags.precision === undefined) this.#output += "%!(BADPREC)";
    this.#isAfterIndex = false;
  }

  #number(): number | undefined {
    const start = this.#at;
    while (/[0-9]/.test(this.#format[this.#at] ?? "")) this.#at++;
    if (start === this.#at) return undefined;
    const digits = this.#format.slice(start, this.#at);
    if (Number(digits.slice(0, -1)) <= MAX_WIDTH) return Number(digits);
    this.#at = this.#format.length;
    return undefined;
  }

  /** The next value as the width or precision of a `*`. */
  #integerValue(): number | undefined {
    if (this.#next >= this.#values.length) return undefined;
    const integer = findInteger(this.#values[this.#next++]);
    return integer === undefined || integer > MAX_WIDTH || integer < -MAX_WIDTH ? undefined : Number(integer);
  }

  /** An explicit index such as `[2]`. */
  #index(): void {
    this.#isAfterIndex = false;
    if (this.#format[this.#at] !== "[") return;
    this.#isReordered = true;
    const close = this.#format.indexOf("]", this.#at);
    if (close < 0) {
      this.#isGoodIndex = false;
      this.#at++;
      return;
    }
    const text = this.#format.slice(this.#at + 1, close);
    this.#at = close + 1;
    const isNumber = /^[0-9]+$/.test(text) && Number(text) <= MAX_WIDTH;
    this.#isAfterIndex = isNumber;
    if (isNumber && Number(text) >= 1 && Number(text) <= this.#values.length) this.#next = Number(text) - 1;
    else this.#isGoodIndex = false;
  }
}
