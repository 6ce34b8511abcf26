/** What is to be done with a command line that was meant for Terraform. */
export type Judged =
  /** Changes nothing: goes to Terraform as it is. */
  | { readonly kind: 'run'; readonly commandLine: readonly string[] }
  /** Applies the saved plan, with these options. */
  | { readonly kind: 'apply'; readonly options: readonly string[] }
  /** Begins in lower case, for a sentence that names the program. */
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * The commands and options that cdktf 0.21 uses for synth, diff, deploy and output, and no others: the rest of Terraform can
 * change a state or apply what nobody saw, and a list of what is bad would not be complete.
 * From @cdktf/cli-core, lib/models/{terraform-cli,deploy-machine}.js, and recorded (the test).
 */
const COMMANDS: Readonly<Record<string, readonly RegExp[]>> = {
  version: [/^-json$/],
  '-v': [],
  init: [/^-no-color$/, /^-upgrade$/],
  'providers lock': [/^-platform=[a-z0-9]+_[a-z0-9]+$/, /^-no-color$/],
  output: [/^-json$/],
  // The plan is only saved: apply reviews it.
  plan: [
    /^-input=false$/,
    /^-out plan$/,
    /^-parallelism=\d+$/,
    /^-no-color$/,
    /^-generate-config-out=generated_resources\.tf$/,
  ],
  apply: [/^-auto-approve$/, /^-input=false$/, /^-parallelism=\d+$/, /^-no-color$/],
};

/** @param commandLine without the program itself */
export function judgeCommandLine(commandLine: readonly string[]): Judged {
  const [first = '', second = ''] = commandLine;
  if (first === '') return refused('runs nothing without a command.');
  if (first === 'destroy')
    return refused('destroys without a plan that anybody reviewed: run cdktf destroy with Terraform itself.');
  const name = Object.hasOwn(COMMANDS, `${first} ${second}`) ? `${first} ${second}` : first;
  const allowed = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (allowed === undefined)
    return refused(
      first.startsWith('-')
        ? `does not know ${first.replace(/=.*/s, '')} before a command. Run Terraform itself for it.`
        : `does not run ${shown(commandLine)}: cdktf deploy does not need it. Run Terraform itself for it.`,
    );
  const options = withValues(commandLine.slice(name.split(' ').length));
  // Without its value, which may be a secret.
  const unfit = options
    .find((option) => !allowed.some((pattern) => pattern.test(option)))
    ?.replace(/=.*/s, '');
  if (unfit !== undefined)
    return refused(
      name === 'apply'
        ? `applies a saved plan as it is: ${unfit} is not an option for that.`
        : `does not know ${unfit} for ${name}. Run Terraform itself for it.`,
    );
  if (name !== 'apply') return { kind: 'run', commandLine };
  // Terraform asks nothing before it applies a saved plan.
  if (!options.includes('-auto-approve'))
    return refused('asks no question before it applies the saved plan: add --auto-approve to cdktf deploy.');
  return { kind: 'apply', options: options.filter((option) => option !== '-auto-approve') };
}

/** `-out` is the one option whose value cdktf writes as a word of its own. */
function withValues(words: readonly string[]): string[] {
  const options: string[] = [];
  for (const word of words)
    if (options.at(-1) === '-out') options[options.length - 1] = `-out ${word}`;
    else options.push(word);
  return options;
}

/** The command with its subcommand, without options, which may hold a secret. */
function shown(commandLine: readonly string[]): string {
  const option = commandLine.findIndex((word) => word.startsWith('-'));
  return commandLine.slice(0, option === -1 ? 2 : Math.min(option, 2)).join(' ');
}

function refused(reason: string): Judged {
  return { kind: 'refused', reason };
}
