import { renderTable } from "../../base/text.ts";
import { defineCommand } from "../define-command.ts";
import { describeSettings } from "../settings.ts";

export const env = defineCommand({
  description: "Each setting with the value that it has now, the default where the variable is not set.",
  flags: { verbose: { type: "boolean", short: "v", help: "Say what each setting is for" } },
  output: "json",
  run: async (_, { environment }) => describeSettings(environment.settings),
  render: (variables, { flags }) =>
    flags.verbose
      ? renderTable(variables.map(({ name, value, description }) => [name, value, description]))
      : variables.map(({ name, value }) => `${name}=${value}`).join("\n"),
});
