import { InputError } from "../../base/error.ts";
import { bcryptHash } from "../../registry/htpasswd.ts";
import { clusterFunctions } from "../../templates/standard-functions.ts";
import { parseTemplate, renderTemplate } from "../../templates/template.ts";
import type { GoMap } from "../../templates/value/value.ts";

/** What the template of a Clusterfile sees. */
export interface ClusterfileInput {
  /** `.Values` */
  readonly values: GoMap;
  /** By `env` and `expandenv`. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What Go prints for a value that is not there. */
const MISSING = "<no value>";

/**
 * The text of a Clusterfile that is a Go template; without `{{` it is the text as it is.
 * @throws {TemplateError, InputError} when the template fails or a value is missing.
 */
export function renderClusterfileTemplate(
  text: string,
  file: string,
  { values, environment }: ClusterfileInput,
): string {
  if (!text.includes("{{")) return text;
  const functions = clusterFunctions({ environment: new Map(Object.entries(environment)), bcrypt: bcryptHash });
  const rendered = renderTemplate(parseTemplate(text, { name: file, functions }), { Values: values });
  const line = rendered.split("\n").findIndex((candidate) => candidate.includes(MISSING));
  if (line < 0) return rendered;
  throw new InputError(`Cannot render Clusterfile "${file}": a value is missing in line ${line + 1} of the result`, {
    hint: "Give the value with --values or --set, or say in the template what to use instead: | default",
  });
}
