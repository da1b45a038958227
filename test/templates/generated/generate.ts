import { randomNumbers } from "../../support/random-numbers.ts";

/** Templates made at random from a seed: the same seed gives the same templates on every machine. */
export interface GeneratedGroup {
  readonly data: string;
  readonly helm: boolean;
  readonly outputOnly: true;
  readonly templates: readonly string[];
}

type Type = "string" | "int" | "float" | "bool" | "list" | "map" | "any";

const DATA = {
  s: "Hello World",
  empty: "",
  unicode: "héllo €uro 日本",
  yes: true,
  no: false,
  zero: 0,
  one: 1,
  n: 42,
  negative: -7,
  big: 9007199254740,
  pi: 3.14159,
  half: 0.5,
  nothing: null,
  list: ["b", "a", "c"],
  numbers: [3, 1, 2],
  mixed: [1, "x", null, true, 2.5, ["n"], { k: "v" }],
  none: [],
  map: { a: 1, b: "two", c: { d: "deep", e: [1, 2] } },
  words: "the quick-brown fox_jumps over.The lazy DOG 42",
  version: "v1.29.3-rc.1",
  path: "/usr/local/../bin/x.tar.gz",
};

/** How a value of a type can be written; `<type>` stands for another expression. */
const GRAMMAR: Readonly<Record<Type, readonly string[]>> = {
  string: [
    '"abc"',
    '"a b\\tc"',
    '"é€"',
    '"10"',
    '"1.5"',
    '""',
    ".s",
    ".empty",
    ".unicode",
    ".words",
    ".version",
    ".path",
    ".map.b",
    "upper <string>",
    "lower <string>",
    "title <string>",
    "trim <string>",
    "quote <any>",
    "squote <any>",
    "toString <any>",
    "trunc <int> <string>",
    "repeat 2 <string>",
    "replace <string> <string> <string>",
    "indent 2 <string>",
    "nindent 3 <string>",
    "print <any> <any>",
    'printf "%v|%5v|%-6v" <any> <any> <any>',
    'printf "%s-%d" <string> <int>',
    'printf "%q %x" <string> <string>',
    'printf "%06.2f %e %g" <float> <float> <float>',
    'printf "%T %#v" <any> <any>',
    'printf "%d %s %t" <any> <any> <any>',
    'join "," <list>',
    "toJson <any>",
    "toYaml <any>",
    "toPrettyJson <any>",
    "b64enc <string>",
    "sha1sum <string>",
    "snakecase <string>",
    "camelcase <string>",
    "kebabcase <string>",
    "abbrev 8 <string>",
    "nospace <string>",
    "initials <string>",
    "swapcase <string>",
    "untitle <string>",
    "wrap 7 <string>",
    'wrapWith 5 "|" <string>',
    'substr 1 4 "abcdefg"',
    "trimSuffix <string> <string>",
    "trimPrefix <string> <string>",
    "base <string>",
    "dir <string>",
    "clean <string>",
    "ext <string>",
    "cat <any> <any>",
    "plural <string> <string> <int>",
    'regexReplaceAll "[aeiou]" <string> "<$0>"',
    'regexFind "[a-z]+" <string>',
    "html <any>",
    "js <string>",
    "urlquery <string>",
    "typeOf <any>",
    "kindOf <any>",
    "adler32sum <string>",
    "regexQuoteMeta <string>",
    "b32enc <string>",
    "toToml <map>",
    '(toStrings <list> | join "-")',
  ],
  int: [
    "0",
    "1",
    "7",
    "-3",
    ".n",
    ".zero",
    ".one",
    ".negative",
    "len <list>",
    "len <string>",
    "len <map>",
    "int <any>",
    "atoi <string>",
    "(add <any> <any> | int)",
    "(sub <any> <any> | int)",
    "(mul <any> 2 | int)",
    "(max <any> <any> | int)",
    "(min <any> <any> | int)",
  ],
  float: [
    "1.5",
    "-0.25",
    "1e6",
    "100.0",
    ".pi",
    ".half",
    "float64 <any>",
    "addf <any> <any>",
    "subf <any> <any>",
    "mulf <any> <any>",
    "floor <any>",
    "ceil <any>",
    "round <any> 1",
    "divf <any> 4",
    "maxf <any> <any>",
  ],
  bool: [
    "true",
    "false",
    ".yes",
    ".no",
    "empty <any>",
    "eq <string> <string>",
    "ne <int> <int>",
    "lt <int> <int>",
    "ge <float> <float>",
    "not <any>",
    "contains <string> <string>",
    "hasPrefix <string> <string>",
    "hasSuffix <string> <string>",
    "has <any> <list>",
    'hasKey <map> "a"',
    "all <any> <any>",
    "any <any> <any>",
    "deepEqual <any> <any>",
    'kindIs "string" <any>',
    'regexMatch "^[a-z ]+$" <string>',
    'semverCompare ">=1.20-0" .version',
    "eq <any> <any>",
    "le <any> <any>",
    "isAbs <string>",
  ],
  list: [
    ".list",
    ".numbers",
    ".mixed",
    ".none",
    "list <any> <any>",
    "list",
    "until <int>",
    "splitList <string> <string>",
    "append <list> <any>",
    "prepend <list> <any>",
    "concat <list> <list>",
    "rest <list>",
    "initial <list>",
    "reverse <list>",
    "uniq <list>",
    "compact <list>",
    "without <list> <any>",
    "sortAlpha <list>",
    "(keys <map> | sortAlpha)",
    "slice <list> 0 1",
    "chunk 2 <list>",
    "untilStep 0 <int> 2",
    'regexSplit "[ ,]" <string> -1',
    'regexFindAll "[a-z]" <string> 3',
    'pluck "a" <map> <map>',
  ],
  map: [
    ".map",
    ".map.c",
    "dict",
    'dict "k" <any>',
    'dict "a" <any> "b" <any>',
    'pick <map> "a" "c"',
    'omit <map> "b"',
    "merge (deepCopy <map>) (deepCopy <map>)",
    "mergeOverwrite (deepCopy <map>) (deepCopy <map>)",
    "deepCopy <map>",
    'set (deepCopy <map>) "new" <any>',
    'unset (deepCopy <map>) "a"',
    "(fromJson (toJson <map>))",
    "(fromYaml (toYaml <map>))",
  ],
  any: [
    "<string>",
    "<int>",
    "<float>",
    "<bool>",
    "<list>",
    "<map>",
    ".nothing",
    ".missing",
    ".map.missing",
    "default <any> <any>",
    "coalesce <any> <any>",
    "ternary <any> <any> <bool>",
    "first <list>",
    "last <list>",
    "index <list> 0",
    'index <map> "a"',
    'get <map> "b"',
    "and <any> <any>",
    "or <any> <any>",
    'dig "c" "d" <any> .map',
    "int64 <any>",
    "add <any> 1",
    "div <int> 3",
    "mod <int> 5",
  ],
};

const STATEMENTS = [
  "{{ <any> }}",
  "{{ <string> }}",
  "{{ <any> | quote }}",
  "{{ if <any> }}yes {{ <string> }}{{ else }}no {{ <any> }}{{ end }}",
  "{{ if <bool> }}a{{ else if <bool> }}b{{ end }}",
  "{{ range $i, $e := <list> }}{{ $i }}={{ $e }};{{ else }}none{{ end }}",
  "{{ range <list> }}[{{ . }}]{{ end }}",
  "{{ range $k, $v := <map> }}{{ $k }}:{{ $v }} {{ end }}",
  "{{ with <any> }}{{ . }}{{ else }}empty{{ end }}",
  "{{ $x := <any> }}{{ $y := <any> }}{{ list $x $y | toJson }}",
  "{{- $x := <int> -}} {{ if gt $x 1 }}{{ $x = add $x 1 }}{{ end }}{{ $x }}",
  '{{ define "t" }}<{{ . }}>{{ end }}{{ template "t" <any> }}',
  "{{ range until 4 }}{{ if eq . 2 }}{{ continue }}{{ end }}{{ <any> }}{{ if <bool> }}{{ break }}{{ end }}{{ end }}",
];

class Generator {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = randomNumbers(seed);
  }

  statement(): string {
    return this.#fill(this.#pick(STATEMENTS), 3);
  }

  #fill(text: string, depth: number): string {
    return text.replace(/<(string|int|float|bool|list|map|any)>/g, (_, type: Type) => this.#expression(type, depth));
  }

  #expression(type: Type, depth: number): string {
    const choices = depth > 0 ? GRAMMAR[type] : GRAMMAR[type].filter((choice) => !choice.includes("<"));
    const filled = this.#fill(this.#pick(choices), depth - 1);
    return /^(?:[.\w"'-][^ ]*|"[^"]*")$/.test(filled) || filled.startsWith("(") ? filled : `(${filled})`;
  }

  #pick<T>(choices: readonly T[]): T {
    const choice = choices[Math.floor(this.#random() * choices.length)];
    if (choice === undefined) throw new Error("nothing to choose from");
    return choice;
  }
}

const SEED = 1;
const COUNT = 1500;

/** Half of the templates see integers as `int`, the others as Helm's float64. */
export function generateGroups(seed = SEED, count = COUNT): readonly GeneratedGroup[] {
  const generator = new Generator(seed);
  const data = JSON.stringify(DATA);
  return [false, true].map((helm) => ({
    data,
    helm,
    outputOnly: true,
    templates: Array.from({ length: count }, () => generator.statement()),
  }));
}
