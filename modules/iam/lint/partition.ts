import { partitionOf } from '../../names/arn';
import { isPossible, isWrittenOut } from './incomplete-arn';
import { namesDatabaseUsers } from './linted-resource';
import { quoted, type Rule, told } from './rule';

export const partition: Rule = {
  id: 'partition',
  inStatement: ({ linted }) =>
    linted
      .filter((resource) => namesDatabaseUsers(resource) && isWrittenOut(resource) && isPossible(resource))
      // Regions of partitions that `partitionOf` does not know are not judged.
      .filter(
        ({ partition, region }) =>
          ['aws', 'aws-cn', 'aws-us-gov'].includes(partition) && !/-iso|^eusc-/.test(region),
      )
      .filter(({ partition, region }) => partition !== partitionOf(region))
      .map(({ text, partition, region }) => {
        const right = partitionOf(region);
        return told(
          `${quoted(text)} has the partition ${partition}, and ${region} is in ${right}, so nothing ever matches`,
          `write arn:${right}:`,
        );
      }),
};
