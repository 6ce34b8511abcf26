import { App } from 'cdktf';
import {
  type Environment,
  environmentStacks,
  existingCluster,
  iamRole,
  type LoginDefinition,
  owner,
  type Principal,
  readOnly,
  readWrite,
} from '../modules';

const LOGINS_PER_PRINCIPAL = 20;
const TEAMS = 5;

/** An environment of `count` logins, 20 to a principal, in the reading and writing groups of five teams. */
function manyLogins(count: number): Environment {
  const teams = Array.from({ length: TEAMS }, (_, index) => `team_${index + 1}`);
  const logins: Record<string, LoginDefinition> = {};
  const principals: Record<string, Principal> = {};
  for (let first = 1; first <= count; first += LOGINS_PER_PRINCIPAL) {
    const names: string[] = [];
    for (let number = first; number < first + LOGINS_PER_PRINCIPAL && number <= count; number++) {
      const name = `service_${number}`;
      const team = teams[number % TEAMS];
      logins[name] = { memberOf: [`${team}_${number % 2 === 0 ? 'read' : 'write'}`] };
      names.push(name);
    }
    principals[`application-${first}`] = iamRole(`application-${first}`, { connectsAs: names });
  }
  return {
    name: 'bench',
    account: '111111111111',
    region: 'eu-west-1',
    cluster: existingCluster({ identifier: 'bench', databaseName: 'bench' }),
    access: {
      groups: Object.fromEntries(
        teams.flatMap((team) => [
          [`${team}_owner`, owner({ schemas: [team] })],
          [`${team}_read`, readOnly({ schemas: [team] })],
          [`${team}_write`, readWrite({ schemas: [team] })],
        ]),
      ),
      logins,
    },
    principals,
  };
}

// The number of logins is the program's argument.
const app = new App();
environmentStacks(app, [manyLogins(Number(process.argv[2]))]);
app.synth();
