import { attributesInState, stateResources } from '../../../modules/plan/terraform-state';

const pulled = JSON.stringify({
  version: 4,
  resources: [
    {
      mode: 'managed',
      type: 'postgresql_role',
      name: 'login-a',
      instances: [{ attributes: { name: 'a' } }, { attributes: { name: 'b' } }],
    },
    { mode: 'data', type: 'postgresql_role', instances: [{ attributes: { name: 'looked-up' } }] },
    { mode: 'managed', type: 'postgresql_grant', instances: [{}] },
  ],
});

const shown = JSON.stringify({
  format_version: '1.0',
  values: {
    root_module: {
      resources: [
        { mode: 'managed', type: 'postgresql_role', values: { name: 'a' } },
        { mode: 'data', type: 'postgresql_role', values: { name: 'looked-up' } },
      ],
      child_modules: [{ resources: [{ mode: 'managed', type: 'postgresql_role', values: { name: 'b' } }] }],
    },
  },
});

test.each([
  ['terraform state pull', pulled],
  ['terraform show -json', shown],
])('the names of the roles in what %s prints', (_command, text) => {
  expect([...attributesInState(stateResources(text), 'postgresql_role', 'name')]).toEqual(['a', 'b']);
});

test.each(['', '\n', '{"version":4}', '{"format_version":"1.0"}'])(
  'a state that was lost, or never written, holds nothing: %j',
  (text) => {
    expect(stateResources(text)).toEqual([]);
  },
);

test.each([
  ['{"vers', 'cannot be read as JSON'],
  ['[1', 'cannot be read as JSON'],
  ['null', 'cannot be read as JSON'],
  ['{"format_version":"1.2","planned_values":{}}', 'is a plan, not a state'],
  ['{}', 'is not a state'],
  ['{"version":3,"modules":[]}', 'is not a state'],
  ['{"version":4,"resources":{}}', 'is damaged'],
  ['{"version":4,"resources":[null]}', 'is damaged'],
  ['{"version":4,"resources":[{"mode":"managed","type":"postgresql_role","instances":null}]}', 'is damaged'],
  ['{"format_version":"1.0","values":{"root_module":{"resources":[null]}}}', 'is damaged'],
  // OpenTofu can encrypt it.
  ['{"serial":1,"encrypted_data":"…","encryption_version":"v0"}', 'is not a state'],
])('%s is refused, and not taken for an empty state', (text, message) => {
  expect(() => stateResources(text)).toThrow(message);
});

test('a resource without attributes names no role', () => {
  const text =
    '{"version":4,"resources":[{"mode":"managed","type":"postgresql_role","instances":[{"attributes":null}]}]}';
  expect([...attributesInState(stateResources(text), 'postgresql_role', 'name')]).toEqual([]);
});
