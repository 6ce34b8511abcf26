import { TerraformProvider, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';

/** The provider that resources of the scope's stack have where they name none. @param type `aws`, `postgresql` */
export function defaultProvider(scope: Construct, type: string): TerraformProvider | undefined {
  return TerraformStack.of(scope)
    .node.findAll()
    .filter((each) => TerraformProvider.isTerraformProvider(each))
    .find((each) => each.terraformResourceType === type && each.alias === undefined);
}
