import { UsageError } from "../../base/error.ts";
import { defineCommand } from "../define-command.ts";

const BASH = `_sealos() {
  local IFS=$'\\n'
  COMPREPLY=($(sealos complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _sealos sealos`;

const ZSH = `#compdef sealos
_sealos() {
  local -a candidates
  candidates=("\${(@f)$(sealos complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${candidates[1]}" ]]; then compadd -a candidates; else _files; fi
}
compdef _sealos sealos`;

const FISH = `function __sealos_complete
  set -l words (commandline -opc) (commandline -ct)
  sealos complete -- $words[2..] 2>/dev/null
end
complete -c sealos -a "(__sealos_complete)"`;

const SCRIPTS: Readonly<Record<string, string>> = { bash: BASH, zsh: ZSH, fish: FISH };

export const completion = defineCommand({
  description: "Prints a script that completes commands, flags and their values: bash, zsh or fish.",
  examples: ["source <(sealos completion bash)", "sealos completion fish > ~/.config/fish/completions/sealos.fish"],
  args: ["shell"],
  async run(_, { args }) {
    const script = Object.hasOwn(SCRIPTS, args.shell) ? SCRIPTS[args.shell] : undefined;
    if (script !== undefined) return script;
    throw new UsageError(`There is no completion for "${args.shell}": expected bash, zsh or fish`);
  },
  render: (script) => script,
});
