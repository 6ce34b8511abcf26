import type { Argument, Command } from 'commander';
import { UserError } from '../clients/error';

// One grammar for every command: what it is about stands first, `<env> [<login>]`, or is named by `--env` and `--user`. How a
// command declares it is in docs/adr/0009-one-grammar.md.

/** What a command is about. Undefined where the command line does not say. */
export interface About {
  readonly env: string | undefined;
  readonly login: string | undefined;
  /** Any further argument by its name, such as `stack`. */
  readonly [name: string]: string | undefined;
}

/** The option that says the same as an argument. */
const OPTION_OF: Readonly<Record<string, { readonly flags: string; readonly attribute: string }>> = {
  env: { flags: '--env <name>', attribute: 'env' },
  login: { flags: '--user <login>', attribute: 'user' },
};

/**
 * Declares the arguments `<env> [<login>]` and the options that say the same.
 * @param needs whether the command can do without a login; without the word it takes none
 */
export function aboutEnvironment(
  command: Command,
  {
    login,
    orHost = false,
    more,
  }: {
    readonly login?: 'required' | 'optional';
    /** `--host` may stand for the environment. */
    readonly orHost?: boolean;
    /** Name of a further argument, which the command declares itself. */
    readonly more?: string;
  } = {},
): Command {
  declare(command, 'env', 'environment of this project');
  if (login) declare(command, 'login', 'the login; case-sensitive');
  const usage = [
    '[options]',
    orHost ? '[env]' : '<env>',
    ...(login ? [login === 'required' ? '<login>' : '[login]'] : []),
    ...(more ? [`[${more}]`] : []),
  ];
  return command.usage(usage.join(' '));
}

function declare(command: Command, name: 'env' | 'login', description: string): void {
  // Commander may not ask for it: the option will do.
  command.argument(`[${name}]`, description).option(OPTION_OF[name]?.flags ?? '', `the same as ${name}`);
}

/** The action of a command about an environment. @throws UserError if the command line does not say which */
export function onEnvironment<Options>(
  action: (about: About & { readonly env: string }, options: Options) => Promise<void>,
) {
  return onAbout<Options>((about, options) => action({ ...about, env: needed(about, 'env') }, options));
}

/** The action of a command about a login of an environment. @throws UserError if the command line does not say which */
export function onLogin<Options>(action: (env: string, login: string, options: Options) => Promise<void>) {
  return onAbout<Options>((about, options) => action(needed(about, 'env'), needed(about, 'login'), options));
}

/**
 * The action of a command that can do without either, as `--host` may stand for the environment.
 * @param action `passedOn`: what stands after `--`
 */
export function onAbout<Options>(
  action: (about: About, options: Options, passedOn: readonly string[]) => Promise<void>,
) {
  return async function (this: Command): Promise<void> {
    const passedOn = afterDashes(this);
    const given = this.args.slice(0, this.args.length - passedOn.length);
    const options = this.opts() as Options & Record<string, unknown>;
    await action(placed(this.registeredArguments, given, options), options, passedOn);
  };
}

/**
 * An argument that an option names already may be left out, so that the next one moves up: `connect --env prod analyst`. Where
 * it stands there all the same, both must say the same.
 */
function placed(
  all: readonly Argument[],
  given: readonly string[],
  options: Readonly<Record<string, unknown>>,
): About {
  const names = all.filter(({ variadic }) => !variadic).map((argument) => argument.name());
  const byOption = (name: string) => options[OPTION_OF[name]?.attribute ?? ''] as string | undefined;
  const open = names.filter((name) => byOption(name) === undefined);
  const places = given.length <= open.length ? open : names;
  const [tooMuch] = given.slice(places.length);
  if (tooMuch !== undefined)
    throw new UserError(
      `"${tooMuch}" is one argument too many${all.some(({ variadic }) => variadic) ? ': what is meant for psql stands after --' : ''}.`,
    );
  const about: Record<string, string | undefined> = { env: undefined, login: undefined };
  for (const name of names) {
    const place = places.indexOf(name);
    const [here, there] = [place === -1 ? undefined : given[place], byOption(name)];
    if (here !== undefined && there !== undefined && here !== there)
      throw new UserError(
        `${name === 'env' ? 'Two environments are named' : 'Two logins are named'}: ${here}, and ${there} by ${OPTION_OF[name]?.flags.split(' ')[0]}. Name one.`,
      );
    about[name] = here ?? there;
  }
  return about as unknown as About;
}

function needed(about: About, name: 'env' | 'login'): string {
  const given = about[name];
  if (given === undefined)
    throw new UserError(
      name === 'env'
        ? 'Say which environment is meant: write its name first, or --env <name>. `aurora-iam list` shows those there are.'
        : `Say which login is meant: write it after the environment, or --user <login>. \`aurora-iam show ${about.env}\` shows those there are.`,
    );
  return given;
}

/** Commander keeps the whole command line, and forgets where `--` stood in it. */
function afterDashes(command: Command): readonly string[] {
  const { rawArgs = [] } = (command.parent ?? command) as unknown as { rawArgs?: readonly string[] };
  const dashes = rawArgs.indexOf('--');
  const variadic = command.registeredArguments.some((argument) => argument.variadic);
  return variadic && dashes !== -1 ? rawArgs.slice(dashes + 1) : [];
}
