import { basename } from "node:path";

import { InputError, UsageError } from "../base/error.ts";
import { standardFunctions } from "../templates/standard-functions.ts";
import { parseTemplate, renderTemplate } from "../templates/template.ts";

/** The ways to name a release; at most one of the first three is given. */
export interface ReleaseNameChoice {
  readonly name: string | undefined;
  readonly nameTemplate: string | undefined;
  readonly isGenerated: boolean;
  /** As the user names it; a generated name begins with it. */
  readonly chart: string;
  readonly now: Date;
}

const DEFAULT_NAME = "release-name";
const RELEASE_NAME = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const MAX_LENGTH = 53;

/** The release's name as Helm makes it. @throws {UsageError, InputError, TemplateError} */
export function chooseReleaseName(choice: ReleaseNameChoice): string {
  const { name, nameTemplate, isGenerated } = choice;
  if ([name !== undefined, nameTemplate !== undefined, isGenerated].filter(Boolean).length > 1) {
    throw new UsageError("Cannot name a release in two ways: give one of NAME, --name-template and --generate-name");
  }
  const chosen = isGenerated ? generateName(choice) : (name ?? renderName(nameTemplate) ?? DEFAULT_NAME);
  if (RELEASE_NAME.test(chosen) && chosen.length <= MAX_LENGTH) return chosen;
  throw new InputError(
    `Cannot use "${chosen}" as release name: expected at most ${MAX_LENGTH} lower-case letters, digits, "-" and "."`,
  );
}

function generateName({ chart, now }: ReleaseNameChoice): string {
  const [base = ""] = basename(chart).split(".", 1);
  return `${base || "chart"}-${Math.floor(now.getTime() / 1000)}`;
}

function renderName(template: string | undefined): string | undefined {
  if (template === undefined) return undefined;
  return renderTemplate(parseTemplate(template, { name: "name-template", functions: standardFunctions() }), undefined);
}
