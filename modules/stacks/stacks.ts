import {
  Annotations,
  LocalBackend,
  S3Backend as S3BackendResource,
  TerraformBackend,
  TerraformOutput,
  TerraformStack,
} from 'cdktf';
import type { Construct } from 'constructs';
import { cutoverWarning } from '../access/cutover';
import { accessModel } from '../access/model';
import { connectModel, unusedLogins } from '../connect/model';
import { adminOf } from '../environment/admin';
import type { CreatedCluster } from '../environment/cluster';
import { type Environment, type S3Backend, stackName, stateKey } from '../environment/environment';
import { EnvironmentError, environmentFault } from '../environment/environment-error';
import { connectCommand, schemasProvisioner } from '../names/commands';
import { OUTPUTS } from '../names/outputs';
import { unknownRegionNote } from '../names/regions';
import { terraformText } from '../names/terraform';
import { sharedIdentityNotes, timeoutNotes } from '../validation/notes';
import { validateEnvironments } from '../validation/validate';
import { accessResources } from './access-resources';
import { adminConnection } from './admin-connection';
import { awsProvider } from './aws-provider';
import { claimForEnvironments } from './constructs/construct-faults';
import { createdCluster } from './created-cluster';
import { lookUpMain } from './look-up';
import { lookUpTargets } from './look-up-targets';
import { principalPolicies } from './policy-resources';

/** The stacks of one environment. */
export interface EnvironmentStacks {
  /** Only where the environment creates its cluster. */
  readonly cluster?: ClusterStack;
  readonly database: DatabaseStack;
  readonly policies: PoliciesStack;
}

/**
 * Makes the stacks of all environments in `scope`, normally the App.
 * @throws EnvironmentError with every fault of every environment, before any stack exists.
 */
export function environmentStacks(
  scope: Construct,
  environments: readonly Environment[],
): EnvironmentStacks[] {
  validateEnvironments(environments);
  claimForEnvironments(scope.node.root, environments);
  return environments.map((environment) => {
    const cluster =
      environment.cluster.kind === 'created'
        ? new ClusterStack(scope, environment, environment.cluster)
        : undefined;
    const database = new DatabaseStack(scope, environment);
    const policies = new PoliciesStack(scope, environment);
    if (!cluster) return { database, policies };
    // The order of `cdktf deploy '<env>-*'`; each stack looks the cluster up for itself.
    database.addDependency(cluster);
    policies.addDependency(cluster);
    return { cluster, database, policies };
  });
}

/** What the stacks of an environment have in common: their state, and AWS. */
abstract class EnvironmentStack extends TerraformStack {
  constructor(
    scope: Construct,
    private readonly environment: Environment,
    part: 'cluster' | 'database' | 'policies',
  ) {
    super(scope, stackName(environment, part));
    awsProvider(this, 'aws', environment);
    pinProvider(this, 'aws', environment.providerVersions?.aws);
  }

  /**
   * CDKTF asks for it at synthesis. So a backend that somebody gives to the stack stands in the place of the default one.
   * @throws EnvironmentError if there are two
   */
  override ensureBackendExists(): TerraformBackend {
    const { backend, region, name } = this.environment;
    const own = this.node.tryFindChild(BACKEND_ID);
    if (own === this.backend && this.backend) return this.backend;
    if (own && (backend || !TerraformBackend.isBackend(own))) {
      const message = TerraformBackend.isBackend(own)
        ? `is the bucket ${backend?.bucket}, and stack ${this.node.path} has another one, the construct ${own.node.path}; remove one of the two`
        : `the construct ${own.node.path} has the id that CDKTF gives to the backend of a stack; choose another id`;
      const found = environmentFault('environment-twice', name, ['backend'], message);
      throw new EnvironmentError([found]); // node-do-not-add-exception-line
    }
    this.backend = own ?? (backend ? s3Backend(this, backend, region) : localBackend(this));
    return this.backend;
  }
  private backend?: TerraformBackend;
}

/** `<env>-cluster`: the cluster, with IAM authentication on. */
export class ClusterStack extends EnvironmentStack {
  constructor(scope: Construct, environment: Environment, cluster: CreatedCluster) {
    super(scope, environment, 'cluster');
    createdCluster(this, cluster);
  }
}

/** `<env>-database`: groups, logins and privileges inside PostgreSQL. Needs a network path to the database. */
export class DatabaseStack extends EnvironmentStack {
  constructor(scope: Construct, environment: Environment) {
    super(scope, environment, 'database');
    const cluster = lookUpMain(this, environment.cluster, {
      masterSecretNeeded: adminOf(environment).kind === 'rdsManagedSecret',
    });
    const providerOf = adminConnection(this, environment, cluster);
    pinProvider(this, 'postgresql', environment.providerVersions?.postgresql);
    const model = accessModel(environment);
    accessResources(this, model, {
      providerOf,
      createSchemasCommand: schemasProvisioner(environment.name),
    });
    new TerraformOutput(this, OUTPUTS.connectCommands, {
      value: Object.fromEntries(
        model.logins.map(({ name }) => [name, connectCommand(environment.name, name)]),
      ),
    });
    // Once an environment, not once a stack. A plan would say it, too, and much later.
    const note = unknownRegionNote(environment.region);
    if (note !== undefined) Annotations.of(this).addWarning(`Environment ${environment.name}: ${note}`);
    for (const text of [...timeoutNotes(environment.access), ...sharedIdentityNotes(environment)])
      Annotations.of(this).addWarning(`Environment ${environment.name}: ${text}`);
    for (const { name } of model.logins.filter(({ cutover }) => cutover))
      Annotations.of(this).addWarning(cutoverWarning(`environment ${environment.name}`, name));
    for (const login of unusedLogins(connectModel(environment)))
      Annotations.of(this).addWarning(
        `No principal of environment ${environment.name} connects as ${login}: only administrators of the account can use it.`,
      );
  }
}

/** `<env>-policies`: who may connect as whom, in IAM. Needs no network path to the database. */
export class PoliciesStack extends EnvironmentStack {
  constructor(scope: Construct, environment: Environment) {
    super(scope, environment, 'policies');
    const main = lookUpMain(this, environment.cluster);
    const { policyArns, policyDocuments, roleArns } = principalPolicies(
      this,
      environment,
      lookUpTargets(this, environment, main),
    );
    new TerraformOutput(this, OUTPUTS.policyArns, { value: policyArns });
    new TerraformOutput(this, OUTPUTS.policyDocuments, { value: policyDocuments });
    if (Object.keys(roleArns).length > 0) new TerraformOutput(this, OUTPUTS.roleArns, { value: roleArns });
  }
}

/** The id that CDKTF gives to every backend. */
const BACKEND_ID = 'backend';

function s3Backend(stack: TerraformStack, backend: S3Backend, region: string): TerraformBackend {
  const s3 = new S3BackendResource(stack, {
    bucket: terraformText(backend.bucket),
    key: terraformText(stateKey(backend, stack.node.id)),
    region: backend.region ?? region,
    encrypt: true,
    ...(backend.kmsKeyArn ? { kmsKeyId: terraformText(backend.kmsKeyArn) } : {}),
    ...(backend.assumeRoleArn ? { assumeRole: { roleArn: terraformText(backend.assumeRoleArn) } } : {}),
  });
  // The binding is older than the setting: https://developer.hashicorp.com/terraform/language/backend/s3#state-locking
  s3.addOverride('use_lockfile', true);
  return s3;
}

/** Beside cdktf.out, wherever that is: CDKTF's default is an absolute path, which would differ per machine. */
function localBackend(stack: TerraformStack): TerraformBackend {
  return new LocalBackend(stack, { path: `../../../terraform.${stack.node.id}.tfstate` });
}

/** The bindings demand exactly the version they were made from; an environment may allow others. */
function pinProvider(
  stack: TerraformStack,
  provider: 'aws' | 'postgresql',
  version: string | undefined,
): void {
  if (version !== undefined) stack.addOverride(`terraform.required_providers.${provider}.version`, version);
}
