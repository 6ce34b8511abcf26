import { type Finding, fault, note } from '../../findings/finding';
import { quoteIdentifier } from '../../names/sql';
import type { LiveAccess } from '../catalog';
import type { CheckQuestion } from '../finding';

/** Who else is given what the owner groups will make. */
export function defaults({ model }: CheckQuestion, live: LiveAccess): Finding<'defaults'>[] {
  const groups = model.groups.map(({ name }) => name);
  return [...live.inDatabases].flatMap(([database, access]) =>
    access.defaults.flatMap(({ creator, schema, type, privileges }) => {
      const owner = model.groups.find(({ name }) => name === creator);
      const listed = model.defaultPrivileges.some(
        (each) => each.creator === creator && each.database === database,
      );
      if (!owner && !listed) return [];
      const others = privileges.filter(({ grantee }) => grantee !== creator && !groups.includes(grantee));
      return [...new Set(others.map(({ grantee }) => grantee))].map((grantee) => {
        const given = others.filter((each) => each.grantee === grantee).map(({ privilege }) => privilege);
        return (owner && !owner.adopted ? fault : note)(
          'defaults',
          grantee === '' ? 'PUBLIC' : `role ${grantee}`,
          `will have ${given.join(', ')} on future ${type}s of ${creator} in ${schema ?? 'every schema'} of database ${database}, and the environment does not say so`,
          `revoke it with ALTER DEFAULT PRIVILEGES FOR ROLE ${quoteIdentifier(creator)}`,
        );
      });
    }),
  );
}
