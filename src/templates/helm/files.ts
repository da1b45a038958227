import { fixed } from "../function.ts";
import { FunctionError } from "../error.ts";
import { baseOf } from "../sprig/paths.ts";
import { decodeBytes, encodeBytes } from "../value/bytes.ts";
import { ByteList } from "../value/byte-list.ts";
import { GoObject, TypedList } from "../value/value.ts";
import type { GoCallable, Value } from "../value/value.ts";
import { writeYaml } from "../yaml/write-yaml.ts";
import type { ChartFile } from "./chart.ts";
import { globToRegexp } from "./glob.ts";

/** `.Files`: the chart's files by their paths. */
export class Files extends GoObject {
  readonly type = "engine.files";
  readonly kind = "map";
  readonly #texts: ReadonlyMap<string, string>;

  constructor(texts: ReadonlyMap<string, string>) {
    super();
    this.#texts = texts;
  }

  static of(files: readonly ChartFile[]): Files {
    return new Files(new Map(files.map(({ name, data }) => [name, decodeBytes(data)])));
  }

  override entries(): ReadonlyMap<string, Value> {
    return new Map([...this.#texts].map(([name, text]) => [name, new ByteList(text)]));
  }

  override method(name: string): GoCallable | undefined {
    return this.#methods.get(name);
  }

  readonly #methods: ReadonlyMap<string, GoCallable> = new Map([
    ["Get", fixed(["string"], (name) => this.#texts.get(name) ?? "")],
    ["GetBytes", fixed(["string"], (name) => new ByteList(this.#texts.get(name) ?? ""))],
    ["Lines", fixed(["string"], (name) => this.#lines(name))],
    ["Glob", fixed(["string"], (pattern) => this.#glob(pattern))],
    ["AsConfig", fixed([], () => this.#asYaml((text) => text))],
    ["AsSecrets", fixed([], () => this.#asYaml((text) => Buffer.from(encodeBytes(text)).toString("base64")))],
  ]);

  #lines(name: string): TypedList {
    const text = this.#texts.get(name) ?? "";
    return new TypedList("string", text === "" ? [] : text.replace(/\n$/, "").split("\n"));
  }

  #glob(pattern: string): Files {
    const regexp = compileGlob(pattern);
    return new Files(new Map([...this.#texts].filter(([name]) => regexp.find(name) !== undefined)));
  }

  #asYaml(encode: (text: string) => string): string {
    const map = new Map([...this.#texts].map(([name, text]) => [baseOf(name), encode(text)]));
    return writeYaml(map).replace(/\n$/, "");
  }

  print(): string {
    return `map[${[...this.entries()].map(([name, bytes]) => `${name}:${bytes instanceof ByteList ? bytes.print() : ""}`).join(" ")}]`;
  }
}

/** A wrong pattern matches everything, as in Helm. */
function compileGlob(pattern: string): ReturnType<typeof globToRegexp> {
  try {
    return globToRegexp(pattern, { crossesFolders: true });
  } catch (error) {
    if (error instanceof FunctionError) return globToRegexp("**", { crossesFolders: true });
    throw error;
  }
}
