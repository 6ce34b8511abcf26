import { Command } from 'commander';
import type { Deployment } from 'kubernetes-types/apps/v1';
import { parse } from 'yaml';
import { proxyOptions } from '../../cli/proxy/options';
import { textOf } from '../support/source-files';

// What docs/proxy.md gives to copy: it is what Kubernetes and systemd take, and what the command takes.

/** The manifest once more, for the compiler to check against the types that are generated from Kubernetes' own schema. */
const SIDECAR = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'orders',
  },
  spec: {
    replicas: 2,
    selector: {
      matchLabels: {
        app: 'orders',
      },
    },
    template: {
      metadata: {
        labels: {
          app: 'orders',
        },
      },
      spec: {
        serviceAccountName: 'orders-api',
        terminationGracePeriodSeconds: 120,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 10001,
          runAsGroup: 10001,
          fsGroup: 10001,
        },
        initContainers: [
          {
            name: 'aurora-iam-proxy',
            image: 'registry.example.com/orders-access:1.0.0',
            restartPolicy: 'Always',
            args: [
              'proxy',
              '--host=orders.cluster-abc.eu-west-1.rds.amazonaws.com',
              '--user=orders_api',
              '--listen=/run/aurora-iam/socket',
              '--control=/run/aurora-iam/control/proxy.sock',
              '--no-password',
              '--no-tls',
              '--json',
            ],
            startupProbe: {
              exec: {
                command: ['aurora-iam', 'proxy', '--status', '--control=/run/aurora-iam/control/proxy.sock'],
              },
              periodSeconds: 2,
              timeoutSeconds: 5,
              failureThreshold: 30,
            },
            resources: {
              requests: {
                cpu: '100m',
                memory: '96Mi',
              },
              limits: {
                memory: '256Mi',
              },
            },
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: {
                drop: ['ALL'],
              },
            },
            volumeMounts: [
              {
                name: 'aurora-iam',
                mountPath: '/run/aurora-iam',
              },
            ],
          },
        ],
        containers: [
          {
            name: 'orders',
            image: 'registry.example.com/orders:1.0.0',
            env: [
              {
                name: 'PGHOST',
                value: '/run/aurora-iam/socket',
              },
              {
                name: 'PGUSER',
                value: 'orders_api',
              },
              {
                name: 'PGDATABASE',
                value: 'orders',
              },
            ],
            volumeMounts: [
              {
                name: 'aurora-iam',
                mountPath: '/run/aurora-iam',
              },
            ],
          },
        ],
        volumes: [
          {
            name: 'aurora-iam',
            emptyDir: {
              medium: 'Memory',
            },
          },
        ],
      },
    },
  },
} satisfies Deployment;

const page = textOf('docs/proxy.md');
const block = (language: string) =>
  new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] ?? '';

/** Throws if the command does not know an option. */
function parsed(options: readonly string[]): Record<string, unknown> {
  const command = proxyOptions(new Command().exitOverride());
  command.parse(options, { from: 'user' });
  return { ...command.opts(), served: command.args };
}

test('the manifest is one that Kubernetes takes', () => {
  expect(parse(block('yaml'))).toEqual(SIDECAR);
  const { initContainers, containers, volumes } = SIDECAR.spec.template.spec;
  const mounts = [...initContainers, ...containers].flatMap(({ volumeMounts }) =>
    volumeMounts.map(({ name }) => name),
  );
  expect(new Set(mounts)).toEqual(new Set(volumes.map(({ name }) => name)));
  expect(SIDECAR.spec.selector.matchLabels).toEqual(SIDECAR.spec.template.metadata.labels);
});

test('the sidecar and its probe are commands that there are, about one socket', () => {
  const [sidecar] = SIDECAR.spec.template.spec.initContainers;
  const [command, ...options] = sidecar?.args ?? [];
  expect(command).toBe('proxy');
  const given = parsed(options);
  expect(given).toMatchObject({ password: false, user: ['orders_api'], listen: ['/run/aurora-iam/socket'] });
  const [program, name, ...asked] = sidecar?.startupProbe.exec.command ?? [];
  expect([program, name]).toEqual(['aurora-iam', 'proxy']);
  expect(parsed(asked)).toMatchObject({ status: true, control: given['control'] });
});

test('the unit starts the command, reloads it by SIGHUP, and gives it time to drain', () => {
  const unit = new Map(
    block('ini')
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const [program = '', command, ...options] = unit.get('ExecStart')?.split(' ') ?? [];
  expect(program).toMatch(/\/node_modules\/\.bin\/aurora-iam$/);
  expect(command).toBe('proxy');
  expect(parsed(options)).toMatchObject({ json: true, served: ['dev', 'prod'] });
  expect(unit.get('ExecReload')).toContain('-HUP');
  expect(Number(unit.get('TimeoutStopSec'))).toBeGreaterThan(60);
});

test('the tests that the page names are there', () => {
  const named = [...page.matchAll(/`(__tests__\/[^`]+)`/g)].map(([, file]) => file ?? '');
  expect(named.length).toBeGreaterThan(8);
  for (const file of named) expect(textOf(file)).toContain('test');
});
