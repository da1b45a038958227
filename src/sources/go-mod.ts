/** The modules that a go.mod replaces by folders of its own repository, sorted: `k8s.io/api => ./staging/…`. */
export function stagingModules(goMod: string): string[] {
  const found = goMod.matchAll(/^\s*(?:replace\s+)?([^\s/][^\s]*)(?:\s+v\S+)?\s+=>\s+\.\.?\//gm);
  return [...new Set([...found].map(([, path]) => path ?? ""))].toSorted();
}

interface ModuleVersion {
  readonly path: string;
  readonly version: string;
}

export interface GoModOptions {
  readonly require: readonly ModuleVersion[];
  readonly replace: readonly ModuleVersion[];
  /** A go.mod whose language version and runtime settings are taken over: they decide how its programs behave. */
  readonly settings?: string;
}

/** The go.mod of a module that exists only to build programs of others. */
export function renderGoMod({ require, replace, settings = "" }: GoModOptions): string {
  const kept = settings.match(/^(?:go|godebug) .*$/gm) ?? [];
  return [
    "module payload",
    ...kept,
    ...require.map(({ path, version }) => `require ${path} ${version}`),
    ...replace.map(({ path, version }) => `replace ${path} => ${path} ${version}`),
    "",
  ].join("\n");
}
